import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { answerTo, answered, expect, signIn, test, type Person } from "../fixtures.js";
import { unique } from "../producer.js";
import { command } from "../server.js";

const PASSWORD = "a password nobody guesses";

/** Somebody new, signed in. */
async function newcomer(page: Page, data: string): Promise<Person> {
  const person = { name: unique("newcomer"), password: PASSWORD };
  await command(data, ["person", "add", person.name, "--role", "viewer", "--password-stdin"], person.password);
  await page.goto("/sign-in");
  await signIn(page, person);
  await expect(page).toHaveURL("/events");
  return person;
}

/** What an authenticator app shows: the code of the present step, or of one so many steps from it (RFC 6238). */
function code(secret: string, steps = 0): string {
  const digits = [...secret.replace(/\s/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((digits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Adds an authenticator app to somebody who has no second factor; its secret and the recovery codes. */
async function addApp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.goto("/account/factors");
  await page.getByLabel("Its name").fill("Phone");
  await page.getByRole("button", { name: "Authenticator app" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it is you");
  await expect(page.getByRole("main")).toContainText("This unlocks one change of your second factors, within the next ten minutes.");
  await expect(page.getByRole("main")).toContainText("That is weaker");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("img", { name: "QR code of the secret" })).toBeVisible();
  await page.getByText("Or type the secret").click();
  const secret = await page.locator(".totp-secret").innerText();
  await page.getByLabel("Code", { exact: true }).fill(code(secret, -1));
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Keep these recovery codes");
  const codes = await page.locator(".codes li").allInnerTexts();
  expect(codes).toHaveLength(10);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), "nothing is cut off").toBe(360);
  if (size) await page.setViewportSize(size);
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Phone" })).toBeVisible();
  return { secret, codes };
}

async function firstStep(page: Page, person: Person): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, person);
  await expect(page).toHaveURL("/sign-in/second");
}

/** A key in the machine that the browser reaches, with a finger always on it. */
async function authenticator(page: Page, isUserVerified = true): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified },
  });
}

test("an authenticator app is added, and asked for from then on", async ({ page, server, complaints, accessible }) => {
  complaints.push(answered(401));
  const person = await newcomer(page, server.data);
  await page.goto("/account/factors");
  await accessible();
  const { secret } = await addApp(page);
  await accessible();
  await firstStep(page, person);
  await accessible();
  const wrong = await answerTo(page, async () => {
    await page.getByLabel("Code", { exact: true }).fill("000000");
    await page.getByRole("button", { name: "Sign in" }).click();
  });
  expect(wrong.status()).toBe(401);
  await expect(page.getByRole("alert")).toHaveText("That is not right, or it was used before.");
  await accessible();
  await page.goto("/events");
  await expect(page, "half a sign-in opens nothing").toHaveURL("/sign-in");
  await page.goto("/sign-in/second");
  await page.getByLabel("Code", { exact: true }).fill(code(secret));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/events");
  await expect(page.getByRole("banner")).toContainText(person.name);
});

test("a recovery code lets somebody in once, who can then replace what they lost", async ({ page, server, complaints }) => {
  complaints.push(answered(401));
  const person = await newcomer(page, server.data);
  const { codes } = await addApp(page);
  await firstStep(page, person);
  await page.getByLabel("Code", { exact: true }).fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/events");
  await firstStep(page, person);
  await page.getByLabel("Code", { exact: true }).fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Code", { exact: true }).fill(codes[1] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();

  await page.goto("/account/factors");
  await expect(page.getByRole("main")).toContainText("8 recovery codes are left");
  await page.getByRole("link", { name: "Remove Phone" }).click();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Code", { exact: true }).fill(codes[2] ?? "");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Remove Phone?");
  await page.getByRole("button", { name: "Remove it" }).click();
  await expect(page).toHaveURL("/account/factors");
  await expect(page.getByRole("main")).toContainText("None yet");
});

test("what was confirmed wrongly is said, and nothing is done", async ({ page, server, complaints, accessible }) => {
  complaints.push(answered(401));
  await newcomer(page, server.data);
  await page.goto("/account/factors?do=add&kind=totp&name=Phone");
  await page.getByLabel("Password").fill("another password");
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Confirm" }).click());
  expect(answer.status()).toBe(401);
  await expect(page.getByRole("alert")).toHaveText("That is not right, or it was used before.");
  await expect(page.getByLabel("Password")).toBeFocused();
  await accessible();
  await page.goto("/account/factors?do=add&kind=totp&name=Phone");
  await expect(page).toHaveURL(/\/confirm\?/);
});

test("a factor's name is checked before anything is confirmed", async ({ page, server, complaints }) => {
  complaints.push(answered(422));
  await newcomer(page, server.data);
  await addApp(page);
  await page.getByLabel("Its name").fill("Phone");
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Authenticator app" }).click());
  expect(answer.status()).toBe(422);
  await expect(page.getByRole("alert")).toHaveText("You have another factor of that name.");
  await expect(page.getByLabel("Its name")).toHaveValue("Phone");
});

test("a passkey is made, lets somebody in, and confirms", { tag: "@islands" }, async ({ page, server, accessible }) => {
  // A dozen pages and four looks for barriers, on a machine that does more than this.
  test.slow();
  await authenticator(page);
  const person = await newcomer(page, server.data);
  await page.goto("/account/factors");
  await page.getByLabel("Its name").fill("Laptop");
  await page.getByRole("button", { name: "Passkey" }).click();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Add the passkey Laptop");
  await accessible();
  await page.getByRole("button", { name: "Make the passkey" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Keep these recovery codes");

  await firstStep(page, person);
  await accessible();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL("/events");

  await page.goto("/account/factors");
  await page.getByRole("link", { name: "Remove Laptop" }).click();
  await accessible();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Remove Laptop?");
  await page.getByRole("link", { name: "Keep it" }).click();
  await page.goto("/confirm?for=reveal&next=/events");
  await expect(page.getByLabel("Code", { exact: true }), "no recovery code reveals anything").toHaveCount(0);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL("/events");
});

test("a passkey that does not check who holds it is none", { tag: "@islands" }, async ({ page, server }) => {
  await authenticator(page, false);
  await newcomer(page, server.data);
  await page.goto("/account/factors?do=add&kind=passkey&name=Laptop");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "Make the passkey" }).click();
  await expect(page.getByRole("alert")).toHaveText("No passkey was used: it was cancelled, or it took too long.");
  await expect(page.getByRole("button", { name: "Make the passkey" })).toBeEnabled();
});

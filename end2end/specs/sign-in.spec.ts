import { answerTo, answered, expect, signIn, test } from "../fixtures.js";
import { unique } from "../producer.js";
import { command } from "../server.js";

const WRONG = "The name or the password is wrong.";

test("the sign-in page stands, with its style", async ({ page }) => {
  const sheet = page.waitForResponse(/\/pkg\/.*\.css$/);
  const answer = await page.goto("/sign-in");
  expect(answer?.status()).toBe(200);
  await expect(page.getByLabel("Password")).toBeVisible();
  expect((await sheet).status()).toBe(200);
});

test("its script starts", { tag: "@islands" }, async ({ page }) => {
  const wasm = page.waitForResponse(/\/pkg\/.*_bg\.wasm$/);
  await page.goto("/sign-in");
  const answer = await wasm;
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-encoding"]).toBe("br");
  // Once the module runs, every island on the page has been handed to it.
  await page.waitForFunction(() => "__hydrateIsland" in window);
});

test("the right password lets somebody in, who is named from then on", async ({ page, people }) => {
  await page.goto("/sign-in");
  await signIn(page, people.viewer);
  await expect(page).toHaveURL("/events");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("All events");
  await expect(page.getByRole("banner")).toContainText(people.viewer.name);
});

test("a wrong password is answered with 401, and the name need not be typed again", async ({ page, server, complaints }) => {
  complaints.push(answered(401));
  const name = unique("newcomer");
  const password = "a password nobody guesses";
  await command(server.data, ["person", "add", name, "--role", "viewer", "--password-stdin"], password);
  await page.goto("/sign-in?next=/events/0");
  const answer = await answerTo(page, () => signIn(page, { name, password: "another password" }));
  expect(answer.status()).toBe(401);
  await expect(page.getByRole("alert")).toHaveText(WRONG);
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await expect(page.getByLabel("Password")).toHaveValue("");
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(WRONG);

  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page, "where they were going is remembered as well").toHaveURL("/events/0");
});

test("an unknown name is answered as a wrong password is", async ({ page, people, complaints }) => {
  complaints.push(answered(401));
  await page.goto("/sign-in");
  const stranger = { ...people.viewer, name: unique("stranger") };
  const answer = await answerTo(page, () => signIn(page, stranger));
  expect(answer.status()).toBe(401);
  await expect(page.getByRole("alert")).toHaveText(WRONG);
});

test("a visitor is led to the door, and from there to the page they asked for", async ({ page, people }) => {
  const wanted = "/events?q=actor:alice%20outcome:success&from=-7d&tz=Asia/Tokyo";
  await page.goto(wanted);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByRole("table")).toHaveCount(0);
  await signIn(page, people.viewer);
  await expect(page).toHaveURL(wanted);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Successful events by alice in the last 7 days");
});

const ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example", "%2f%2fevil.example", "/\t/evil.example", "javascript:alert(1)"];

for (const next of ELSEWHERE) {
  test(`nobody is sent on to ${JSON.stringify(next)} after signing in`, async ({ page, people }) => {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signIn(page, people.viewer);
    await expect(page).toHaveURL("/events");
  });
}

test("the cookie is for our eyes only, and its token stands nowhere else", async ({ page, context, people }) => {
  await page.goto("/sign-in");
  const answer = await answerTo(page, () => signIn(page, people.viewer));
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ name: "flightbox", httpOnly: true, sameSite: "Lax", path: "/", expires: -1 }]);
  expect(await page.evaluate(() => document.cookie)).toBe("");
  expect(answer.headers()["cache-control"]).toBe("no-store");
  expect(await answer.text()).not.toContain(cookies[0]?.value);
  expect(page.url()).not.toContain(cookies[0]?.value);
});

test("A33: signing out ends the session: neither Back nor a kept cookie shows anything", async ({ page, context, people, playwright, baseURL }) => {
  await page.goto("/sign-in");
  await signIn(page, people.viewer);
  await expect(page.getByRole("table")).toBeVisible();
  const kept = await context.storageState();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  expect(await context.cookies()).toEqual([]);

  await page.goBack();
  await expect(page).toHaveURL("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(0);

  const thief = await playwright.request.newContext({ baseURL, storageState: kept });
  const answer = await thief.get("/events", { maxRedirects: 0 });
  expect([answer.status(), answer.headers()["location"]]).toEqual([303, "/sign-in"]);
  await thief.dispose();
});

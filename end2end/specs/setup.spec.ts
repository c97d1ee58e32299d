import { answerTo, answered, events, expect, signIn, test as base } from "../fixtures.js";
import { producer } from "../producer.js";
import { fresh, type Fresh } from "../server.js";

/** Each test has a server that nobody has used yet. */
const test = base.extend<{ own: Fresh }>({
  own: async ({ page }, use) => {
    const own = await fresh();
    await use(own);
    // It would look for its server.
    await page.close();
    await own.stop();
  },
});

test("the link that a new server prints makes the first admin, once", async ({ page, own, complaints, accessible, playwright }) => {
  complaints.push(answered(403));
  await page.goto(own.setup);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome");
  await accessible();
  await page.getByLabel("Name").fill("root");
  await page.getByLabel("Password", { exact: true }).fill("a good password");
  await page.getByLabel("Password, once more").fill("a good password");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page).toHaveURL(`${own.url}/events`);
  await expect(page.getByRole("banner")).toContainText("rootadmin");
  await expect(page.getByRole("heading", { name: "No events yet" })).toBeVisible();
  await accessible();

  // What the empty page says to do is what to do.
  const web = await producer(playwright.request, own, "web");
  await web.send({ actor: "alice", action: "user.update", resource: "/users/42" });
  await page.reload();
  await expect(events(page)).toHaveCount(1);

  const again = await page.goto(own.setup);
  expect(again?.status()).toBe(403);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link is no longer good");
  await expect(page.getByRole("button")).toHaveCount(0);
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, { name: "root", password: "a good password" });
  await expect(events(page)).toHaveCount(1);
});

test("a password that is too short or mistyped leaves the link good and the name where it was", async ({ page, own, complaints }) => {
  complaints.push(answered(422));
  await page.goto(own.setup);
  await page.getByLabel("Name").fill("root");
  for (const [password, repeated, told] of [
    ["short", "short", "A password has at least 10 characters."],
    ["a good password", "a god password", "The two passwords are not the same."],
  ] as const) {
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByLabel("Password, once more").fill(repeated);
    const answer = await answerTo(page, () => page.getByRole("button", { name: "Create the administrator" }).click());
    expect(answer.status()).toBe(422);
    await expect(page.getByRole("alert")).toHaveText(told);
    await expect(page.getByLabel("Name")).toHaveValue("root");
    await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  }
  await page.getByLabel("Password", { exact: true }).fill("a good password");
  await page.getByLabel("Password, once more").fill("a good password");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page).toHaveURL(`${own.url}/events`);
});

test("without its link nobody becomes admin", async ({ page, complaints }) => {
  complaints.push(answered(403));
  for (const path of ["/setup", "/setup?token=", `/setup?token=fbl_${"0".repeat(64)}`]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(403);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link is no longer good");
    await expect(page.getByRole("button")).toHaveCount(0);
  }
});

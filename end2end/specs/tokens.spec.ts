// Read tokens that people make for programs.

import { answerTo, answered, expect, test } from "../fixtures.js";
import { unique } from "../producer.js";

test.use({ as: "viewer" });

test("a token is made, shown once, used and revoked", async ({ page, baseURL, playwright, complaints, accessible }) => {
  complaints.push(answered(422));
  const name = unique("siem");
  await page.goto("/account");
  await page.getByRole("link", { name: "read tokens" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Read tokens");
  const form = page.getByRole("region", { name: "Make a token" });
  await expect(form.getByRole("checkbox", { name: "admin", exact: true })).toHaveCount(0);
  await form.getByLabel("Name").fill(name);
  await form.getByRole("radio", { name: "Only these" }).check();
  await form.getByLabel("Good for").selectOption("a year");
  const refused = await answerTo(page, () => form.getByRole("button", { name: "Make the token" }).click());
  expect(refused.status()).toBe(422);
  await expect(form.getByRole("alert")).toHaveText("Choose a source, or all of them.");
  await expect(form.getByLabel("Good for")).toHaveValue("365");
  await form.getByRole("radio", { name: "All" }).check();
  const made = await answerTo(page, () => form.getByRole("button", { name: "Make the token" }).click());
  expect(made.status()).toBe(201);
  const token = (await page.getByRole("region", { name: "The token" }).locator("code").textContent()) ?? "";
  await accessible();

  const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  expect((await program.get("/api/v1/events?limit=1")).status()).toBe(200);
  await page.goto("/tokens");
  await expect(page.getByRole("main")).not.toContainText(token);
  const entry = page.getByRole("region", { name: "Tokens", exact: true }).getByRole("listitem").filter({ hasText: name });
  await expect(entry).toContainText("last used");
  await entry.getByRole("button", { name: `Revoke ${name}` }).click();
  await expect(entry).toHaveCount(0);
  expect((await program.get("/api/v1/events?limit=1")).status()).toBe(401);
  await program.dispose();
});

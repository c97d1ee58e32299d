// Whether the log is what was recorded: the badge on every page, the page behind it, and looking through all of it.

import { answered, expect, test } from "../fixtures.js";

test.use({ as: "investigator" });

test("the badge on every page leads to what is known", async ({ page, accessible }) => {
  for (const path of ["/", "/events", "/help", "/account"]) {
    await page.goto(path);
    await expect(page.getByRole("banner").getByRole("link", { name: /^Integrity: (Whole|Checking)$/ })).toBeVisible();
  }
  await page.getByRole("banner").getByRole("link", { name: /^Integrity: / }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Integrity");
  for (const part of ["How the log stands", "The log", "Anchors", "Public keys", "Find out yourself"]) {
    await expect(page.getByRole("region", { name: part, exact: true })).toBeVisible();
  }
  await page.getByText("The signed checkpoint").click();
  const note = await page.getByRole("region", { name: "The log", exact: true }).locator("pre").textContent();
  expect(note).toMatch(/^flightbox-\S+\n\d+\n\S+\nsigned \S+Z\n\n— /);
  await accessible();
});

test("all of it is looked through at once, and the page says so by itself", async ({ page, accessible }) => {
  await page.goto("/integrity");
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page).toHaveURL(/\/integrity$/);
  // With a script the part is shown anew, without one the page is loaded again.
  const stands = page.getByRole("region", { name: "How the log stands" });
  await expect(stands.getByText(/^[\d,]+ events, verified completely \d+ seconds? ago\.$/)).toBeVisible();
  await expect(stands.getByRole("status")).toHaveText("Whole");
  await expect(stands.getByText("at full speed")).toHaveCount(0);
  await accessible();
  await page.goto("/access?q=action:integrity");
  await expect(page.getByRole("main")).toContainText("integrity.verify");
});

test.describe("as a viewer", () => {
  test.use({ as: "viewer" });

  test("it is there to be read, and not to be begun", async ({ page, complaints, server }) => {
    await page.goto("/integrity");
    await expect(page.getByRole("region", { name: "How the log stands" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Verify now" })).toHaveCount(0);
    complaints.push(answered(403));
    const refused = await page.request.post("/integrity/verify", { headers: { origin: server.url }, form: {} });
    expect(refused.status()).toBe(403);
  });
});

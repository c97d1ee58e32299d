import { answered, expect, signIn, test } from "../fixtures.js";

test.describe("somebody inside", () => {
  test.use({ as: "viewer" });

  for (const [path, title] of [
    ["/nowhere", "No such page"],
    ["/events/1/more", "No such page"],
    ["/events/999999999999", "Nothing here"],
    ["/events/99999999999999999999", "Nothing here"],
    ["/events/-1", "Nothing here"],
    ["/events/first", "Nothing here"],
    ["/actors/nobody-of-that-name", "Nothing here"],
    ["/resources/%2Fnothing%2Fof-that-name", "Nothing here"],
  ] as const) {
    test(`is told that there is nothing at ${path}, and where there is something`, async ({ page, complaints }) => {
      complaints.push(answered(404));
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      await page.getByRole("main").getByRole("link", { name: "All events" }).click();
      await expect(page).toHaveURL("/events");
    });
  }

  test("finds the overview at the root", async ({ page }) => {
    await page.goto("/events");
    await page.getByRole("link", { name: "Flightbox" }).click();
    await expect(page).toHaveURL("/");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("What happened");
  });
});

test("a visitor learns nothing about what there is: any address leads to the door", async ({ page, people, complaints }) => {
  await page.goto("/nowhere");
  await expect(page).toHaveURL("/sign-in?next=/nowhere");
  complaints.push(answered(404));
  await signIn(page, people.viewer);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No such page");
});

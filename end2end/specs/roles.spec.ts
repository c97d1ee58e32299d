// Who sees what. The pages are everybody's; what stands on them is not.

import { answered, events, expect, queryBox, signIn, test } from "../fixtures.js";
import { unique } from "../producer.js";
import { addWithoutRole } from "../server.js";

test("somebody without a role is refused, told whom to ask, and can leave", async ({ page, server, complaints }) => {
  complaints.push(answered(403));
  const nobody = { name: unique("nobody"), password: "a password nobody guesses" };
  await addWithoutRole(server.data, nobody);
  await page.goto("/sign-in");
  await signIn(page, nobody);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You hold no role yet");
  await expect(page.getByRole("main")).toContainText("Ask an administrator of this Flightbox for the role of viewer");
  await expect(page.getByRole("navigation")).toHaveCount(0);
  for (const path of ["/", "/events", "/events/0", "/actors/u_1001", "/resources/%2Fsession", "/help", "/views"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(403);
    await expect(page.getByRole("table")).toHaveCount(0);
  }
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
});

test.describe("a viewer", () => {
  test.use({ as: "viewer" });

  test("finds nothing in the record of access, and isn't offered it", async ({ page }) => {
    await page.goto("/events");
    await expect(page.getByRole("link", { name: "Access record" })).toHaveCount(0);
    await queryBox(page).fill("source:flightbox");
    await queryBox(page).press("Enter");
    await expect(page.getByRole("heading", { name: "No event matches" })).toBeVisible();
    await expect(events(page)).toHaveCount(0);
  });
});

test.describe("an investigator", () => {
  test.use({ as: "investigator" });

  test("finds each sign-in in the record of access", async ({ page, people }) => {
    await page.goto("/events");
    await page.getByRole("link", { name: "Access record" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("All entries");
    await queryBox(page).fill(`action:session.sign-in actor:${people.investigator.name}`);
    await queryBox(page).press("Enter");
    await expect(events(page).first()).toContainText("success");
  });

  test("finds by whom an event was looked at, and goes on from there", async ({ page, producer, people, accessible }) => {
    const [number] = await producer.send({ actor: unique("ivan"), action: "pay" });
    await page.goto(`/events/${number}`);
    const history = page.getByRole("region", { name: "Access history" });
    await expect(history).toContainText("Nobody has looked at this event before");
    await expect(async () => {
      await page.reload();
      await expect(history.getByRole("listitem").first()).toContainText(`${people.investigator.name}event.view`, { timeout: 500 });
    }).toPass();
    await history.getByRole("link", { name: /In the access record|All of them/ }).click();
    await expect(page).toHaveURL(`/access?q=resource:/events/${number}`);
    await expect(events(page).first()).toContainText("event.view");
    await accessible();
    await page.getByRole("navigation", { name: "Kinds of access" }).getByRole("link", { name: "Views" }).click();
    await expect(page).toHaveURL("/access?q=action:event.view,actor.view,resource.view,overview.view");
    await expect(events(page).first()).toContainText("view");
    await events(page).first().getByRole("cell").first().getByRole("link").click();
    await expect(page).toHaveURL(/\/events\/\d+\?q=source:flightbox/);
  });

  test("doesn't meet it among everything else", async ({ page }) => {
    await page.goto("/events?q=action:session.sign-in");
    await expect(page.getByRole("heading", { name: "No event matches" })).toBeVisible();
  });

  test("opens an entry that a viewer is told there is none of", async ({ page, browser, session, baseURL, javaScriptEnabled }) => {
    await page.goto("/events?q=source:flightbox");
    await events(page).first().getByRole("cell").first().getByRole("link").click();
    await page.getByRole("link", { name: "Open as page" }).click();
    await expect(page.getByRole("navigation", { name: "Position" })).toBeVisible();
    const viewer = await browser.newContext({ baseURL, javaScriptEnabled, storageState: await session("viewer") });
    const answer = await (await viewer.newPage()).goto(page.url());
    expect(answer?.status()).toBe(404);
    await viewer.close();
  });
});

test.describe("without a script", () => {
  test.use({ as: "viewer", javaScriptEnabled: false });

  test("what would need one doesn't show", async ({ page }) => {
    await page.goto("/events");
    await expect(events(page).first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Keyboard" })).toHaveCount(0);
    await expect(page.getByRole("group", { name: "Theme" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^Copy/ })).toHaveCount(0);
  });
});

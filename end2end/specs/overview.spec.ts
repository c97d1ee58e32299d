// What happened lately, at a glance.

import { answered, events, expect, queryBox, test, type Producer } from "../fixtures.js";
import { minutesAgo, producer as admit, unique } from "../producer.js";
import { fresh } from "../server.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** Somebody known for two days, who does something odd now; the number of that event. */
async function odd(producer: Producer): Promise<{ actor: string; number: number | undefined }> {
  const actor = unique("amy");
  const did = (action: string, minutes: number, ip: string, country: string) => ({
    actor: { id: actor, name: `Amy ${actor}` }, action, resource: "/users/77", occurred_at: minutesAgo(minutes),
    origin: { ip, country, user_agent: "curl/8.14.1" },
  });
  const usual = Array.from({ length: 48 }, (_, index) => did("login", (48 - index) * 60, "192.0.2.10", "NL"));
  const numbers = await producer.send(...usual, did("user.delete", 0, "198.51.100.7", "MX"));
  return { actor, number: numbers.at(-1) };
}

function card(page: Page, name: string): Locator {
  return page.getByRole("region", { name });
}

/** A figure's amount, which is a link where there is a list of it. */
function figure(page: Page, term: string): Locator {
  return page.getByRole("region", { name: "In figures" }).locator(`dt:text-is("${term}") + dd`);
}

test("is the root, and the first place to go to", async ({ page }) => {
  await page.goto("/events");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link").first().click();
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("What happened in the last 7 days");
  await expect(page.getByRole("link", { name: "Overview" })).toHaveAttribute("aria-current", "page");
  for (const name of ["In figures", "When", "Never seen before", "New actors", "Silent sources"]) {
    await expect(card(page, name)).toBeVisible();
  }
});

test("a figure leads to what it counts, in the same window", async ({ page }) => {
  await page.goto("/?from=-24h&tz=Asia/Tokyo");
  await figure(page, "Denied").getByRole("link").click();
  await expect(page).toHaveURL("/events?q=outcome:denied&from=-24h&tz=Asia/Tokyo");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Denied events in the last 24 hours");
});

test("what is new for somebody is told, and leads to the event, which says so, too", async ({ page, producer }) => {
  const { actor, number } = await odd(producer);
  await page.goto("/");
  const told = card(page, "Never seen before").getByRole("listitem").filter({ hasText: actor });
  await expect(told).toContainText(`Amy ${actor} had never done user.delete nor been seen from 198.51.100.7 nor in MX before.`);
  await told.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/events/${number}\\?q=flag:first-seen-action,`));
  const remarks = page.getByRole("main").getByRole("list").filter({ hasText: "before." }).getByRole("listitem");
  await expect(remarks).toContainText([
    `Amy ${actor} had never done user.delete before.`,
    `Amy ${actor} had not been seen from 198.51.100.7 before.`,
    `Amy ${actor} had not been seen in MX before.`,
  ]);
  await remarks.nth(1).getByRole("link", { name: "All of this kind" }).click();
  await expect(page).toHaveURL(/\/events\?q=flag:first-seen-ip/);
});

test("a row of the list and a step of the timeline are marked where something was new", async ({ page, producer }) => {
  const { actor } = await odd(producer);
  const mark = `Amy ${actor} had not been seen from 198.51.100.7 before.`;
  await page.goto(`/events?q=actor:${actor}`);
  await expect(events(page)).toHaveCount(49);
  await expect(events(page).first()).toContainText(mark);
  await expect(events(page).filter({ hasText: "before." })).toHaveCount(1);
  await page.goto(`/events?q=actor:${actor} flag:first-seen-ip`);
  await expect(events(page)).toHaveCount(1);
  await page.goto(`/actors/${actor}`);
  await expect(page.getByRole("region", { name: "Timeline" }).getByRole("listitem").first()).toContainText(mark);
});

test("somebody of whom addresses say nothing any more is said to be one", async ({ page, producer }) => {
  const actor = unique("roamer");
  const one = (_: unknown, index: number) => ({ actor, action: "login", occurred_at: minutesAgo(300 - index), origin: { ip: `192.0.2.${index}` } });
  await producer.send(...Array.from({ length: 70 }, one));
  await page.goto(`/actors/${actor}`);
  await expect(page.getByRole("complementary", { name: "Figures" })).toContainText(
    `An address that is new is not flagged in ${producer.source} any more: it has shown more than 64 addresses there.`,
  );
});

test("whoever is new is listed, and leads on", async ({ page, producer }) => {
  const actor = unique("newbie");
  await producer.send({ actor, action: "login" });
  await page.goto("/?from=-1h");
  const listed = card(page, "New actors").getByRole("listitem").filter({ hasText: actor });
  await expect(listed).toContainText(`in ${producer.source}`);
  await listed.getByRole("link", { name: actor, exact: true }).click();
  await expect(page).toHaveURL(`/events?q=actor:${actor}&from=-1h`);
});

test("who and what was busy is counted, and leads on", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "login", exact: true }).click();
  await expect(page).toHaveURL("/events?q=action:login&from=-7d");
  await expect(events(page).first()).toBeVisible();
});

test("another window is chosen like that of the list, and stays in the URL", async ({ page }) => {
  await page.goto("/");
  await page.getByText("Last 7 days", { exact: true }).first().click();
  await expect(page.getByRole("link", { name: "All time" }), "nothing came before all time").toHaveCount(0);
  await page.getByRole("link", { name: "Last 24 hours" }).click();
  await expect(page).toHaveURL("/?from=-24h");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("What happened in the last 24 hours");
  await page.getByRole("link", { name: "Earlier window" }).click();
  await expect(page).toHaveURL(/^http:\/\/[^/]+\/\?from=.*&to=/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("What happened between");
});

test("a window that cannot be read says so beside what was typed", async ({ page, complaints }) => {
  complaints.push(answered(400));
  const answer = await page.goto("/?from=soonish");
  expect(answer?.status()).toBe(400);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This window cannot be read");
  await expect(page.getByLabel("From")).toHaveValue("soonish");
  await page.getByLabel("From").fill("-1h");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL("/?from=-1h&to=&tz=");
});

test("a query asked here is asked of the same window", async ({ page }) => {
  await page.goto("/?from=-24h");
  await queryBox(page).fill("outcome:failure");
  await queryBox(page).press("Enter");
  await expect(page).toHaveURL("/events?q=outcome%3Afailure&from=-24h");
});

test("nothing moves while the page comes in", { tag: "@islands" }, async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Busiest addresses" })).toBeVisible();
  const shifts = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        type Shift = PerformanceEntry & { value: number };
        const observer = new PerformanceObserver((list) => resolve((list.getEntries() as Shift[]).reduce((sum, { value }) => sum + value, 0)));
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)));
      }),
  );
  expect(shifts).toBe(0);
});

test.describe("of a log that nobody has used yet", () => {
  test.use({ as: undefined });

  test("says how the first event comes in, and shows it", async ({ page, playwright }) => {
    const own = await fresh();
    await page.goto(own.setup);
    await page.getByLabel("Name").fill("root");
    await page.getByLabel("Password", { exact: true }).fill("a good password");
    await page.getByLabel("Password, once more").fill("a good password");
    await page.getByRole("button", { name: "Create the administrator" }).click();
    await page.goto(`${own.url}/`);
    await expect(page.getByRole("heading", { name: "No events yet" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("/api/v1/events");
    const web = await admit(playwright.request, own, "web");
    await web.send({ actor: "alice", action: "user.update", resource: "/users/42" });
    await page.reload();
    await expect(figure(page, "Events")).toHaveText("1");
    await expect(card(page, "New actors")).toContainText("alice");
    await own.stop();
  });
});

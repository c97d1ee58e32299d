// What comes while somebody looks on: announced above the table, or shown in it at once.

import { awake, events, expect, test, type Producer } from "../fixtures.js";
import { minutesAgo, producer, unique } from "../producer.js";
import { fresh } from "../server.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** Without it, whoever signs in would do so in the browser of the test, and end the session there. */
const NOBODY = { cookies: [], origins: [] };

/** The pill that says how much has come. */
function pill(page: Page): Locator {
  return page.getByRole("link", { name: /new events?$/ });
}

/** The bar above a live table. */
function bar(page: Page): Locator {
  return page.locator(".tail");
}

/** Opens the live view of somebody new, of whom there is one event already. */
async function watching(page: Page, producer: Producer, name: string): Promise<string> {
  const actor = unique(name);
  await producer.send({ actor, action: "first", occurred_at: minutesAgo(5) });
  await page.goto(`/events?q=actor:${actor}&live=1`);
  await expect(bar(page).getByRole("status")).toHaveText("Live");
  return actor;
}

test.describe("what comes", { tag: "@islands" }, () => {
  test("is announced without moving anything, and shows when asked for", async ({ page, producer }) => {
    const actor = unique("nora");
    await producer.send({ actor, action: "first" });
    await page.goto(`/events?q=actor:${actor}`);
    await awake(page);
    await expect(pill(page)).toBeHidden();
    const before = await events(page).first().boundingBox();
    await producer.send({ actor: unique("somebody else"), action: "second" });
    await producer.send({ actor, action: "second" });
    await expect(pill(page)).toHaveText("1 new event");
    await producer.send({ actor, action: "third" }, { actor, action: "fourth" });
    await expect(pill(page)).toHaveText("3 new events");
    await expect(events(page)).toHaveCount(1);
    expect(await events(page).first().boundingBox()).toEqual(before);
    await pill(page).click();
    await expect(events(page)).toHaveCount(4);
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
    await expect(pill(page)).toBeHidden();
  });

  test("is announced on an empty page, too", async ({ page, producer }) => {
    const actor = unique("otto");
    await page.goto(`/events?q=actor:${actor}`);
    await awake(page);
    await producer.send({ actor, action: "first" });
    await pill(page).click();
    await expect(events(page)).toHaveCount(1);
  });

  test("isn't announced where it doesn't belong on top", async ({ page, producer }) => {
    const actor = unique("paul");
    await producer.send({ actor, action: "first" });
    for (const more of ["&sort=oldest", "&from=-2h&to=-1h"]) {
      await page.goto(`/events?q=actor:${actor}${more}`);
      await awake(page);
      await expect(page.locator("[data-stream]")).toHaveCount(0);
      await expect(page.getByRole("link", { name: "Live", exact: true })).toHaveCount(0);
    }
  });
});

test.describe("a live view", { tag: "@islands" }, () => {
  test("is a link away, and a link back", async ({ page, producer }) => {
    const actor = unique("rosa");
    await producer.send({ actor, action: "first" });
    await page.goto(`/events?q=actor:${actor}`);
    await page.getByRole("link", { name: "Live", exact: true }).click();
    await expect(page).toHaveURL(`/events?q=actor:${actor}&live=1`);
    await expect(bar(page).getByRole("status")).toHaveText("Live");
    await bar(page).getByRole("link", { name: "Leave live" }).click();
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
    await expect(bar(page)).toHaveCount(0);
  });

  test("shows what comes on top, like every other row", async ({ page, producer }) => {
    const actor = await watching(page, producer, "sam");
    await producer.send({ actor, action: "second", outcome: "denied", occurred_at: minutesAgo(1) });
    await expect(events(page)).toHaveCount(2);
    await expect(events(page).first()).toContainText("second");
    await producer.send({ actor: unique("somebody else"), action: "other" }, { actor, action: "third" });
    await expect(events(page)).toHaveCount(3);
    await expect(events(page).first()).toContainText("third");
    await expect(page.locator("tbody:has(tr.event)")).toHaveCount(1);
    await events(page).nth(1).getByRole("link", { name: "denied", exact: true }).click();
    await expect(page).toHaveURL(/outcome:denied&live=1$/);
    await expect(bar(page).getByRole("status")).toHaveText("Live");
  });

  test("puts what comes late where it belongs", async ({ page, producer }) => {
    const actor = unique("tess");
    await producer.send({ actor, action: "older", occurred_at: "2026-01-05T12:00:00Z" }, { actor, action: "newer", occurred_at: "2026-01-07T12:00:00Z" });
    await page.goto(`/events?q=actor:${actor}&live=1`);
    await expect(bar(page).getByRole("status")).toHaveText("Live");
    await producer.send(
      { actor, action: "oldest", occurred_at: "2026-01-04T12:00:00Z" },
      { actor, action: "between", occurred_at: "2026-01-06T12:00:00Z" },
      { actor, action: "beside", occurred_at: "2026-01-05T13:00:00Z" },
      { actor, action: "newest", occurred_at: "2026-01-07T13:00:00Z" },
    );
    await expect(events(page).locator(".c-action")).toHaveText(["newest", "newer", "between", "beside", "older", "oldest"].map((name) => new RegExp(name)));
    await expect(page.locator("tr.day time")).toHaveCount(4);
  });

  test("starts empty where there is nothing yet", async ({ page, producer }) => {
    const actor = unique("uma");
    await page.goto(`/events?q=actor:${actor}&live=1`);
    await expect(page.getByText("No event yet. New ones appear here as they come.")).toBeVisible();
    await expect(bar(page).getByRole("status")).toHaveText("Live");
    await producer.send({ actor, action: "first" });
    await expect(events(page)).toHaveCount(1);
    await expect(page.getByText("No event yet.")).toBeHidden();
  });

  test("holds back while paused, and says how much", async ({ page, producer }) => {
    const actor = await watching(page, producer, "vera");
    await bar(page).getByRole("button", { name: "Pause" }).click();
    await expect(bar(page).getByRole("status")).toHaveText("Paused");
    await producer.send({ actor, action: "second" }, { actor, action: "third" });
    await expect(bar(page).getByRole("status")).toHaveText("Paused, 2 waiting");
    await expect(events(page)).toHaveCount(1);
    await bar(page).getByRole("button", { name: "Resume" }).click();
    await expect(events(page)).toHaveCount(3);
    await expect(events(page).first()).toContainText("third");
    await expect(bar(page).getByRole("status")).toHaveText("Live");
  });

  test("keeps some hundred rows at most", async ({ page, producer }) => {
    const actor = unique("walt");
    await page.goto(`/events?q=actor:${actor}&live=1`);
    await expect(bar(page).getByRole("status")).toHaveText("Live");
    // Long ago, where so many are in no other test's way.
    const step = (n: number) => ({ actor, action: `step.${n}`, occurred_at: new Date(Date.UTC(2026, 1, 1) + n).toISOString() });
    for (let from = 0; from < 360; from += 90) {
      await producer.send(...Array.from({ length: 90 }, (_, n) => step(from + n)));
      await expect(events(page).first()).toContainText(`step.${from + 89}`);
    }
    await expect(events(page)).toHaveCount(300);
    await expect(events(page).last()).toContainText("step.60");
  });

  test("shows nothing of the record of access to a viewer who asks for it", async ({ page, playwright, server, people, producer }) => {
    const actor = unique("xena");
    await page.goto(`/events?q=source:flightbox OR actor:${actor}&live=1`);
    await expect(bar(page).getByRole("status")).toHaveText("Live");
    const door = await playwright.request.newContext({ baseURL: server.url, storageState: NOBODY });
    await door.post("/sign-in", { form: { ...people.admin }, maxRedirects: 0 });
    await door.dispose();
    await producer.send({ actor, action: "own" });
    await expect(events(page)).toHaveCount(1);
    await expect(events(page)).toContainText("own");
  });

  test("runs no script that a producer sent", async ({ page, producer }) => {
    const actor = await watching(page, producer, "yuri");
    const script = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    await producer.send({ actor, action: "second", resource: script, reason: script });
    await expect(events(page)).toHaveCount(2);
    await expect(events(page).first()).toContainText("<script>alert(2)</script>");
    await expect(page.locator("table img, table script")).toHaveCount(0);
  });

  test("ends with the session, and says so", async ({ page, playwright, server, people, producer }) => {
    const door = await playwright.request.newContext({ baseURL: server.url, storageState: NOBODY });
    await door.post("/sign-in", { form: { ...people.viewer }, maxRedirects: 0 });
    await page.context().clearCookies();
    await page.context().addCookies((await door.storageState()).cookies);
    const actor = await watching(page, producer, "zoe");
    await door.post("/sign-out", { headers: { origin: server.url } });
    await door.dispose();
    await producer.send({ actor, action: "second" });
    await expect(bar(page).getByRole("status")).toHaveText("No longer live: you are signed out");
    await expect(events(page)).toHaveCount(1);
    await expect(bar(page).getByRole("button", { name: "Pause" })).toBeHidden();
    await bar(page).getByRole("link", { name: "Load again" }).click();
    await expect(page).toHaveURL(/\/sign-in\?next=/);
  });

  test("axe finds nothing serious", async ({ page, producer, accessible }) => {
    test.slow();
    const actor = await watching(page, producer, "abe");
    await producer.send({ actor, action: "second" });
    await expect(events(page)).toHaveCount(2);
    await accessible();
  });
});

test("a live view takes itself up again once the server is back", { tag: "@islands" }, async ({ page, playwright, complaints }) => {
  test.slow();
  complaints.push(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/);
  const server = await fresh();
  const source = await producer(playwright.request, server, "restarted");
  await page.goto(server.setup);
  await page.getByLabel("Name").fill("root");
  await page.getByLabel("Password", { exact: true }).fill("a password nobody guesses");
  await page.getByLabel("Password, once more").fill("a password nobody guesses");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await page.goto(`${server.url}/events?live=1`);
  await expect(bar(page).getByRole("status")).toHaveText("Live");
  await server.restart(async () => {
    await expect(bar(page).getByRole("status")).toHaveText("The server does not answer; trying again");
  });
  await source.send({ actor: "abe", action: "second" });
  await expect(events(page)).toHaveCount(1, { timeout: 20_000 });
  await expect(bar(page).getByRole("status")).toHaveText("Live");
  await page.close();
  await server.stop();
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("nothing is promised that needs one, and the view is there all the same", async ({ page, producer }) => {
    const actor = unique("ben");
    await producer.send({ actor, action: "first" });
    await page.goto(`/events?q=actor:${actor}&live=1`);
    await expect(events(page)).toHaveCount(1);
    await expect(page.getByRole("link", { name: "Live", exact: true })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Pause" })).toHaveCount(0);
    await page.getByRole("link", { name: "The whole view" }).click();
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
  });
});

// What stands around the table: counts to narrow a view by, and ways to look at it and to take it away.

import { events, expect, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** Somebody who did two things an hour apart, of which one was refused twice. */
async function ida(producer: Producer): Promise<string> {
  const actor = unique("ida");
  const http = { method: "POST", status: 403 };
  await producer.send(
    { actor, action: "login", occurred_at: minutesAgo(70) },
    { actor, action: "invoice.read", outcome: "denied", occurred_at: minutesAgo(9), http, origin: { ip: "192.0.2.10", user_agent: "curl/8.14.1" } },
    { actor, action: "invoice.read", outcome: "denied", occurred_at: minutesAgo(8), http, origin: { ip: "192.0.2.11" } },
  );
  return actor;
}

/** What opens a menu above the table; where it is narrow, its name is there for those who ask for it alone. */
function menu(page: Page, name: string): Locator {
  return page.locator(".menu summary", { hasText: name });
}

test.describe("facets", () => {
  test("count the values of what is found, and narrow to one", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}`);
    const action = page.locator(".facet", { hasText: "Action" });
    await expect(action.getByRole("listitem")).toHaveText([/^invoice\.read\s*2$/, /^login\s*1$/]);
    await action.getByRole("link", { name: "invoice.read", exact: true }).click();
    await expect(page).toHaveURL(`/events?q=actor:${actor}%20action:invoice.read`);
    await expect(events(page)).toHaveCount(2);
    await expect(action.getByRole("link", { name: "invoice.read", exact: true })).toHaveAttribute("aria-current", "true");
    await action.getByRole("link", { name: "invoice.read", exact: true }).click();
    await expect(events(page)).toHaveCount(3);
  });

  test("leave a value out", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}`);
    const status = page.locator(".facet", { hasText: "Status" });
    await expect(status.getByRole("link", { name: "4xx", exact: true })).toBeVisible();
    await status.getByRole("link", { name: "Without status 4xx" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/events?q=actor:${actor}%20-status:400..499`);
    await expect(events(page)).toHaveCount(1);
  });
});

test.describe("the histogram", () => {
  test("says in a table what its bars show, each line a way to its time", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}&from=-2h`);
    await page.getByText("As a table").click();
    const figures = page.getByRole("table", { name: "Events over time, by outcome" });
    await expect(figures.getByRole("columnheader")).toHaveText(["From", "success", "failure", "denied", "unknown"]);
    await figures.getByRole("row").nth(1).getByRole("link").click();
    await expect(page).toHaveURL(/&from=.*&to=/);
    await expect(events(page)).toHaveCount(1);
    await expect(events(page)).toContainText("login");
  });

  test("is zoomed into by its bars", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}&from=-2h`);
    await page.locator(".histogram-bars a", { has: page.locator(".success") }).click();
    await expect(events(page)).toHaveCount(1);
    await expect(events(page)).toContainText("login");
  });
});

test.describe("counting", () => {
  test("can be stopped while it goes on, and taken up again", async ({ page, request, producer }) => {
    const actor = await ida(producer);
    // What a browser shows until the total has come, which takes it no time here.
    const html = await (await request.get(`/events?q=actor:${actor}`)).text();
    const [, stop = ""] = /Counting… <a href="([^"]+)">Stop/.exec(html) ?? [];
    expect(html.indexOf("Counting…")).toBeLessThan(html.indexOf("3 events"));
    await page.goto(stop.replaceAll("&amp;", "&"));
    await expect(page).toHaveURL(`/events?q=actor:${actor}&counts=off`);
    await expect(events(page)).toHaveCount(3);
    await expect(page.getByText("Not counted.")).toBeVisible();
    await expect(page.locator(".facet, .histogram")).toHaveCount(0);
    await page.getByRole("link", { name: "Count", exact: true }).click();
    await expect(page.getByText("3 events", { exact: true })).toBeVisible();
    await expect(page.getByText("Counting…")).toBeHidden();
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
  });
});

test.describe("the table", () => {
  test("has the columns that were chosen, whatever the query", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}`);
    for (const name of ["With Method", "Without Resource"]) {
      await menu(page, "Columns").click();
      await page.getByTitle(name).click();
    }
    await expect(page).toHaveURL(/&cols=actor,action,outcome,ip,source,method$/);
    await expect(events(page).first().getByRole("link", { name: "POST", exact: true })).toBeVisible();
    await events(page).first().getByRole("link", { name: "denied", exact: true }).click();
    await expect(page).toHaveURL(/&cols=/);
    await expect(page.getByRole("columnheader", { name: "Resource" })).toHaveCount(0);
  });

  test("can start with the oldest event", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await page.getByRole("link", { name: "Time", exact: true }).click();
    await expect(page.getByRole("columnheader", { name: "Time" })).toHaveAttribute("aria-sort", "ascending");
    const table = page.getByRole("table", { name: "Events, oldest first" });
    await expect(table.locator("tr.event").first()).toContainText("login");
  });

  test("shows the oldest first page by page", async ({ page, producer }) => {
    const actor = unique("lot");
    await producer.send(...Array.from({ length: 60 }, (_, n) => ({ actor, action: `step.${n}`, occurred_at: minutesAgo(60 - n) })));
    await page.goto(`/events?q=actor:${actor}&sort=oldest`);
    const rows = page.locator("tr.event");
    await expect(rows.first()).toContainText("step.0");
    await page.getByRole("link", { name: "Newer" }).click();
    await expect(rows).toHaveCount(10);
    await expect(rows.last()).toContainText("step.59");
    await page.getByRole("link", { name: "Older", exact: true }).click();
    await expect(rows.first()).toContainText("step.0");
    await expect(rows).toHaveCount(50);
  });
});

test.describe("a view", () => {
  test("is shared with its times fixed", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}%20created:-30m&from=-2h`);
    await menu(page, "Share").click();
    const link = page.locator(".share-link");
    await expect(link).toHaveText(/^\/events\?q=actor:.*created:%3E%3D20..-.*T.*Z&from=20..-.*&to=20..-/);
    await link.click();
    await expect(events(page)).toHaveCount(2);
  });

  test("is taken away as a file of just what it shows", async ({ page, producer }) => {
    const actor = await ida(producer);
    await page.goto(`/events?q=actor:${actor}%20outcome:denied`);
    await menu(page, "Export").click();
    const started = page.waitForEvent("download");
    await page.getByRole("link", { name: /^JSON lines/ }).click();
    const file = await started;
    expect(file.suggestedFilename()).toMatch(/^flightbox-\d{8}T\d{6}Z\.jsonl$/);
    const lines = (await readFile(await file.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
    expect(lines.map((event) => event.origin.ip)).toEqual(["192.0.2.11", "192.0.2.10"]);
  });
});

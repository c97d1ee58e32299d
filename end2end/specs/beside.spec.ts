// An event beside the list it was opened from.

import { answered, awake, events, expect, said, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** Somebody's three events, a minute apart, oldest first; the list of them. */
async function three(page: Page, producer: Producer): Promise<{ actor: string; list: string; numbers: number[] }> {
  const actor = unique("amy");
  const one = (action: string, minutes: number) => ({
    actor, action, occurred_at: minutesAgo(minutes), origin: { ip: "192.0.2.10" }, resource: "/users/77",
    changes: { role: { before: "editor", after: "admin" } }, details: { ticket: "INC-2291" },
  });
  const numbers = await producer.send(one("login", 603), one("user.update", 602), one("logout", 601));
  const list = `/events?q=actor:${actor}&from=-24h`;
  await page.goto(list);
  return { actor, list, numbers };
}

/** What opens a row. */
function opener(page: Page, row: number): Locator {
  return page.locator("tr.event").nth(row).getByRole("cell").first().getByRole("link");
}

function panel(page: Page): Locator {
  return page.getByRole("complementary");
}

/** Remembers that this very document is the one that was loaded. */
async function remember(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { remembered: true }));
  return async () => expect(await page.evaluate(() => "remembered" in window), "the page wasn't loaded again").toBe(true);
}

test("a row puts its event beside the list", async ({ page, producer }) => {
  const { actor, list, numbers } = await three(page, producer);
  await opener(page, 1).click();
  await expect(page).toHaveURL(`${list}&event=${numbers[1]}`);
  await expect(panel(page)).toHaveAccessibleName(`${actor} did user.update on /users/77 from 192.0.2.10`);
  const summary = panel(page).getByRole("region", { name: "Summary" });
  await expect(said(summary, "Sequence number")).toHaveText(`${numbers[1]}`);
  const changes = panel(page).getByRole("region", { name: "Changes" });
  await expect(changes.getByRole("deletion")).toHaveText("editor");
  await expect(changes.getByRole("insertion")).toHaveText("admin");
  expect(JSON.parse(await panel(page).locator("pre").innerText())).toMatchObject({ seq: numbers[1], details: { ticket: "INC-2291" } });
  await expect(events(page)).toHaveCount(3);
  await expect(opener(page, 1)).toHaveAttribute("aria-current", "true");
  await expect(page.locator("[aria-current=true].row-link")).toHaveCount(1);
  await expect(page.getByText("3 events", { exact: true })).toBeVisible();
});

test("the URL alone brings it back", async ({ page, producer }) => {
  const { list, numbers } = await three(page, producer);
  await page.goto(`${list}&event=${numbers[0]}`);
  await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("login");
  await expect(opener(page, 2)).toHaveAttribute("aria-current", "true");
});

test("its neighbours are those of the list, and closing it leaves the list", async ({ page, producer }) => {
  const { list, numbers } = await three(page, producer);
  await opener(page, 1).click();
  await panel(page).getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(`${list}&event=${numbers[0]}`);
  await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("login");
  await expect(panel(page).getByRole("link", { name: "Older" }), "there is none").toHaveCount(0);
  await panel(page).getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(`${list}&event=${numbers[1]}`);
  await panel(page).getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(`${list}&event=${numbers[2]}`);
  await expect(opener(page, 0)).toHaveAttribute("aria-current", "true");
  await panel(page).getByRole("link", { name: "Close" }).click();
  await expect(page).toHaveURL(list);
  await expect(panel(page)).toHaveCount(0);
  await expect(events(page)).toHaveCount(3);
});

test("where the oldest comes first, its neighbours do so too", async ({ page, producer }) => {
  const { list, numbers } = await three(page, producer);
  await page.goto(`${list}&sort=oldest&event=${numbers[1]}`);
  await expect(panel(page).locator("a[rel]")).toHaveText(["Older", "Newer"]);
  await panel(page).getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(`${list}&sort=oldest&event=${numbers[2]}`);
});

test("leads to the event's own page, and that back to the list", async ({ page, producer }) => {
  const { actor, list, numbers } = await three(page, producer);
  await opener(page, 1).click();
  await panel(page).getByRole("link", { name: "Open as page" }).click();
  await expect(page).toHaveURL(`/events/${numbers[1]}?q=actor:${actor}&from=-24h`);
  await page.getByRole("navigation", { name: "Position" }).getByRole("link", { name: "Events" }).click();
  await expect(page).toHaveURL(list);
});

test("whatever else changes the view closes it", async ({ page, producer }) => {
  const { actor, list, numbers } = await three(page, producer);
  await page.goto(`${list}&event=${numbers[1]}`);
  await said(panel(page).getByRole("region", { name: "Summary" }), "Action").getByRole("link", { name: "user.update", exact: true }).click();
  await expect(page).toHaveURL(`/events?q=actor:${actor}%20action:user.update&from=-24h`);
  await expect(events(page)).toHaveCount(1);
  await expect(panel(page)).toHaveCount(0);
});

test("an event that there is none of is told beside the whole list", async ({ page, producer, complaints }) => {
  const { list } = await three(page, producer);
  for (const none of ["999999999999", "nonsense", "../0"]) {
    const answer = await page.goto(`${list}&event=${none}`);
    expect(answer?.status()).toBe(200);
    await expect(panel(page)).toContainText(`There is no event`);
    await expect(events(page)).toHaveCount(3);
  }
  expect(complaints).toEqual([]);
  await panel(page).getByRole("link", { name: "Close" }).click();
  await expect(page).toHaveURL(list);
});

test("no column is cut off by it; those without room leave", async ({ page, producer }) => {
  const { list, numbers } = await three(page, producer);
  await page.goto(`${list}&event=${numbers[1]}`);
  for (const width of [1100, 1281, 1440, 1600, 1920, 2560]) {
    await page.setViewportSize({ width, height: 800 });
    const edge = await page.locator(".list").evaluate((box) => box.getBoundingClientRect().right);
    const heads = page.locator(".list").getByRole("columnheader");
    const rights = await heads.evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().right));
    expect(Math.max(...rights), `the last column at ${width}`).toBeLessThanOrEqual(edge);
    expect(Math.max(...rights), `room that is nobody's at ${width}`).toBeGreaterThan(edge - 2);
    const address = page.locator("td.c-address .v-main").first();
    if (await address.isVisible()) expect(await address.evaluate((cell) => cell.scrollWidth - cell.clientWidth), `the address at ${width}`).toBe(0);
    await expect(page.getByRole("columnheader", { name: "Outcome" })).toBeVisible();
  }
  await expect(page.getByRole("columnheader", { name: "Address" }), "there is room for it").toBeVisible();
});

test("where there is no room for both, the event takes the list's place until it is closed", async ({ page, producer }) => {
  const { list, numbers } = await three(page, producer);
  await page.setViewportSize({ width: 390, height: 800 });
  await opener(page, 1).click();
  await expect(page).toHaveURL(`${list}&event=${numbers[1]}`);
  await expect(panel(page).getByRole("heading", { level: 2 })).toBeInViewport();
  await expect(page.locator(".list")).toBeHidden();
  await page.goBack();
  await expect(page).toHaveURL(list);
  await expect(page.locator("tr.event")).toHaveCount(3);
  await expect(page.locator("tr.event").first()).toBeVisible();
});

test.describe("with a script", { tag: "@islands" }, () => {
  test("nothing else is loaded again, and no row moves", async ({ page, producer }) => {
    const { actor } = await three(page, producer);
    await awake(page);
    const stays = await remember(page);
    const top = () => opener(page, 1).evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await opener(page, 1).click();
    await expect(panel(page)).toBeVisible();
    expect(await top()).toBe(before);
    await expect(page.getByRole("status").filter({ hasText: "Beside the list" })).toHaveText(`Beside the list: ${actor} did user.update on /users/77 from 192.0.2.10`);
    await panel(page).getByRole("link", { name: "Older" }).click();
    await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("login");
    await expect(panel(page), "what had the focus is gone").toBeFocused();
    await panel(page).getByRole("link", { name: "Newer" }).click();
    await expect(panel(page).getByRole("link", { name: "Newer" })).toBeFocused();
    await panel(page).getByRole("link", { name: "Close" }).click();
    await expect(panel(page)).toHaveCount(0);
    expect(await top()).toBe(before);
    await stays();
  });

  test("j and k and the arrows move on without closing it, and Esc gives the focus back", async ({ page, producer }) => {
    const { list, numbers } = await three(page, producer);
    await awake(page);
    const stays = await remember(page);
    await page.keyboard.press("j");
    await expect(opener(page, 0)).toBeFocused();
    await expect(panel(page), "a row that is chosen isn't open yet").toHaveCount(0);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${list}&event=${numbers[2]}`);
    await expect(opener(page, 0)).toBeFocused();
    const steps = [["j", 1], ["ArrowDown", 2], ["k", 1], ["ArrowUp", 0]] as const;
    for (const [key, row] of steps) {
      await page.keyboard.press(key);
      await expect(opener(page, row)).toBeFocused();
      await expect(opener(page, row)).toHaveAttribute("aria-current", "true");
      await expect(page).toHaveURL(`${list}&event=${numbers[2 - row]}`);
    }
    await page.keyboard.press("Escape");
    await expect(panel(page)).toHaveCount(0);
    await expect(page).toHaveURL(list);
    await expect(opener(page, 0)).toBeFocused();
    await stays();
  });

  test("keys that are pressed faster than it follows end where they lead", async ({ page, producer }) => {
    const { list, numbers } = await three(page, producer);
    await awake(page);
    for (const key of ["j", "Enter", "j", "j", "k", "j"]) await page.keyboard.press(key);
    await expect(page).toHaveURL(`${list}&event=${numbers[0]}`);
    await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("login");
    await expect(opener(page, 2)).toBeFocused();
  });

  test("keys lead beyond the page that is shown", async ({ page, producer }) => {
    const actor = unique("lot");
    const numbers = await producer.send(...Array.from({ length: 52 }, (_, n) => ({ actor, action: `step.${n}`, occurred_at: minutesAgo(660 - n) })));
    await page.goto(`/events?q=actor:${actor}&event=${numbers[2]}`);
    await awake(page);
    await page.keyboard.press("j");
    await expect(page).toHaveURL(`/events?q=actor:${actor}&event=${numbers[1]}`);
    await page.keyboard.press("j");
    await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("step.0");
    await page.keyboard.press("k");
    await expect(page).toHaveURL(`/events?q=actor:${actor}&event=${numbers[1]}`);
    await page.keyboard.press("k");
    await expect(page).toHaveURL(`/events?q=actor:${actor}&event=${numbers[2]}`);
    await expect(opener(page, 49)).toHaveAttribute("aria-current", "true");
  });

  test("Enter on the row that is open opens its page", async ({ page, producer }) => {
    const { actor, numbers } = await three(page, producer);
    await awake(page);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(panel(page)).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/events/${numbers[2]}?q=actor:${actor}&from=-24h`);
  });

  test("Back closes what was opened, and Forward opens it again", async ({ page, producer }) => {
    const { list, numbers } = await three(page, producer);
    await awake(page);
    await opener(page, 0).click();
    await expect(panel(page)).toBeVisible();
    await page.keyboard.press("j");
    await expect(page).toHaveURL(`${list}&event=${numbers[1]}`);
    await page.goBack();
    await expect(page).toHaveURL(list);
    await expect(panel(page)).toHaveCount(0);
    await page.goForward();
    await expect(page).toHaveURL(`${list}&event=${numbers[1]}`);
    await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("user.update");
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(list);

    await opener(page, 0).click();
    await panel(page).getByRole("link", { name: "Open as page" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("logout");
    await page.goBack();
    await expect(panel(page).getByRole("heading", { level: 2 })).toContainText("logout");
    await awake(page);
    await page.keyboard.press("Escape");
    await expect(panel(page)).toHaveCount(0);
    await expect(page).toHaveURL(list);
  });

  test("that came with the page is closed without leaving it", async ({ page, producer }) => {
    const { list, numbers } = await three(page, producer);
    await page.goto("/events?q=nothing");
    await page.goto(`${list}&event=${numbers[1]}`);
    await awake(page);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(list);
    await expect(opener(page, 1)).toBeFocused();
    await page.goBack();
    await expect(page).toHaveURL("/events?q=nothing");
  });

  test("another tab is another tab", async ({ page, context, producer }) => {
    const { actor, list, numbers } = await three(page, producer);
    await awake(page);
    const clicks: Parameters<Locator["click"]>[0][] = [{ modifiers: ["ControlOrMeta"] }, { button: "middle" }];
    for (const click of clicks) {
      const opened = context.waitForEvent("page");
      await opener(page, 1).click(click);
      const tab = await opened;
      await expect(tab, "the event's own page").toHaveURL(`/events/${numbers[1]}?q=actor:${actor}&from=-24h`);
      await expect(panel(tab)).toHaveCount(0);
      await tab.getByRole("navigation", { name: "Position" }).getByRole("link", { name: "Events" }).click();
      await expect(tab).toHaveURL(list);
      await expect(panel(page)).toHaveCount(0);
      await expect(page).toHaveURL(list);
    }
    await opener(page, 1).click();
    await expect(page, "here it still opens beside the list").toHaveURL(`${list}&event=${numbers[1]}`);
    await expect(panel(page)).toBeVisible();
  });

  test("whoever is signed out meanwhile is led to the door, and from there to what they wanted", async ({ page, context, producer, complaints }) => {
    complaints.push(answered(401));
    const { list, numbers } = await three(page, producer);
    await awake(page);
    await context.clearCookies();
    await opener(page, 1).click();
    await expect(page).toHaveURL(/^[^?]*\/sign-in\?next=/);
    expect(new URL(page.url()).searchParams.get("next")).toBe(`${list}&event=${numbers[1]}`);
  });

  test("where it takes the list's place, it has the focus until it gives it back", async ({ page, producer }) => {
    await three(page, producer);
    await page.setViewportSize({ width: 390, height: 800 });
    await awake(page);
    await opener(page, 1).click();
    await expect(panel(page)).toBeFocused();
    await panel(page).getByRole("link", { name: "Close" }).click();
    await expect(opener(page, 1)).toBeFocused();
    await expect(opener(page, 1)).toBeInViewport();
  });

  test("what it shows is copied", async ({ page, context, producer }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await three(page, producer);
    await awake(page);
    await opener(page, 1).click();
    await panel(page).getByRole("button", { name: "Copy the raw event" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(await panel(page).locator("pre").textContent());
  });
});

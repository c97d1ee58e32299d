// What only a script can do: keys, the clipboard, the theme.

import { awake, events, expect, queryBox, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** Opens the list of somebody's three events; their numbers, newest first. */
async function three(page: Page, producer: Producer): Promise<{ actor: string; numbers: number[] }> {
  const actor = unique("amy");
  const one = (minutes: number) => ({ actor, action: "login", occurred_at: minutesAgo(minutes) });
  const numbers = await producer.send(one(601), one(602), one(603));
  await page.goto(`/events?q=actor:${actor}`);
  await awake(page);
  return { actor, numbers };
}

/** The link of a row that opens its event. */
function opener(page: Page, row: number): Locator {
  return events(page).nth(row).getByRole("cell").first().getByRole("link");
}

test.describe("keys", { tag: "@islands" }, () => {
  test("/ goes to the query, where what stands is typed over", async ({ page, producer }) => {
    await three(page, producer);
    await page.keyboard.press("/");
    await expect(queryBox(page)).toBeFocused();
    await page.keyboard.type("outcome:denied");
    await expect(queryBox(page)).toHaveValue("outcome:denied");
  });

  test("j and k go from event to event, Enter opens one, Esc goes back", async ({ page, producer }) => {
    const { actor, numbers } = await three(page, producer);
    await page.keyboard.press("j");
    await expect(opener(page, 0)).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await expect(opener(page, 2)).toBeFocused();
    await page.keyboard.press("j");
    await expect(opener(page, 2), "there is no further one").toBeFocused();
    await page.keyboard.press("k");
    await expect(opener(page, 1)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/events?q=actor:${actor}&event=${numbers[1]}`);
    await page.keyboard.press("Enter");
    await expect(page, "once more, as a page").toHaveURL(`/events/${numbers[1]}?q=actor:${actor}`);
    await awake(page);
    await page.keyboard.press("j");
    await expect(page, "the next one, as in the list").toHaveURL(`/events/${numbers[2]}?q=actor:${actor}`);
    await awake(page);
    await page.keyboard.press("k");
    await expect(page).toHaveURL(`/events/${numbers[1]}?q=actor:${actor}`);
    await awake(page);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
  });

  test("? lists the keys, and Esc gives the focus back", async ({ page, producer, accessible }) => {
    await three(page, producer);
    await page.keyboard.press("j");
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Keyboard" });
    await expect(list).toBeVisible();
    for (const meaning of ["write a query", "open the event", "this list"]) {
      await expect(list.getByRole("definition").filter({ hasText: meaning })).toBeVisible();
    }
    await accessible();
    await page.keyboard.press("j");
    await page.keyboard.press("Escape");
    await expect(list).toBeHidden();
    await expect(opener(page, 0)).toBeFocused();
    await page.getByRole("button", { name: "Keyboard" }).click();
    await list.getByRole("button", { name: "Close" }).click();
    await expect(list).toBeHidden();
  });

  test("are letters where somebody is writing", async ({ page, producer }) => {
    await three(page, producer);
    await queryBox(page).fill("");
    await queryBox(page).pressSequentially("j/k?gte[]");
    await expect(queryBox(page)).toHaveValue("j/k?gte[]");
    await expect(page.getByRole("dialog")).toBeHidden();
    await page.keyboard.press("Escape");
    await expect(queryBox(page)).not.toBeFocused();
  });

  test("t opens the window and Esc closes it", async ({ page, producer }) => {
    await three(page, producer);
    await page.keyboard.press("t");
    await expect(page.getByRole("link", { name: "Last hour" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("link", { name: "Last hour" })).toBeHidden();
    await expect(page.locator(".when summary")).toBeFocused();
  });

  test("[ and ] go to the window before and after", async ({ page, producer }) => {
    const { actor } = await three(page, producer);
    await page.goto(`/events?q=actor:${actor}&from=-24h`);
    await awake(page);
    await page.keyboard.press("[");
    await expect(page.getByRole("heading", { name: "No event matches" })).toBeVisible();
    await awake(page);
    await page.keyboard.press("]");
    await expect(events(page)).toHaveCount(3);
  });

  test("Esc leaves alone what is no menu", async ({ page, producer }) => {
    await three(page, producer);
    await page.keyboard.press("Escape");
    await expect(page.locator(".facets")).toHaveAttribute("open");
    await page.locator(".menu summary", { hasText: "Share" }).click();
    await page.keyboard.press("Escape");
    await expect(page.locator(".menu[open]")).toHaveCount(0);
    await expect(page.locator(".menu summary", { hasText: "Share" })).toBeFocused();
  });

  test("g and then e goes to all events, and g and then o to the overview", async ({ page, producer }) => {
    await three(page, producer);
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await expect(page).toHaveURL("/events");
    await awake(page);
    const asked = page.waitForRequest((request) => new URL(request.url()).pathname === "/");
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await asked;
  });

  test("g and then a goes to the actor: of the row, of what stands beside the list, of the event's page", async ({ page, producer }) => {
    const { actor, numbers } = await three(page, producer);
    const other = unique("zoe");
    const [foreign] = await producer.send({ actor: other, action: "login" });
    const go = async () => {
      await awake(page);
      await page.keyboard.press("g");
      await page.keyboard.press("a");
    };
    await go();
    await page.keyboard.press("j");
    await expect(opener(page, 0), "with nothing meant nothing happens").toBeFocused();
    await go();
    await expect(page).toHaveURL(`/actors/${actor}`);
    await page.goto(`/events?q=actor:${actor}&event=${foreign}`);
    await go();
    await expect(page).toHaveURL(`/actors/${other}`);
    await page.goto(`/events/${numbers[0]}?tz=Asia/Tokyo`);
    await go();
    await expect(page).toHaveURL(`/actors/${actor}?tz=Asia/Tokyo`);
  });

  test("the arrows scroll, unless a row is meant", async ({ page, producer }) => {
    await three(page, producer);
    await page.keyboard.press("ArrowDown");
    await expect(opener(page, 0)).not.toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await expect(opener(page, 1)).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(opener(page, 0)).toBeFocused();
  });

  test.describe("u", () => {
    test.use({ timezoneId: "Asia/Kolkata" });

    test("switches between UTC and the browser's own time", async ({ page, producer }) => {
      const { actor, numbers } = await three(page, producer);
      await page.goto(`/events?q=actor:${actor}&event=${numbers[1]}`);
      await awake(page);
      await page.keyboard.press("u");
      await expect(page).toHaveURL(`/events?q=actor:${actor}&tz=Asia/Calcutta&event=${numbers[1]}`);
      await expect(page.locator(".when summary")).toContainText("UTC+05:30");
      await awake(page);
      await page.keyboard.press("u");
      await expect(page).toHaveURL(`/events?q=actor:${actor}&event=${numbers[1]}`);
      await page.goto(`/events/${numbers[1]}`);
      await awake(page);
      await page.keyboard.press("u");
      await expect(page).toHaveURL(`/events/${numbers[1]}?tz=Asia/Calcutta`);
      await expect(page.getByRole("region", { name: "Summary" })).toContainText("UTC+05:30");
    });

    test("is a button beside the zones, too", async ({ page, producer }) => {
      const { actor } = await three(page, producer);
      await page.locator(".when summary").click();
      await page.getByRole("button", { name: "Switch to local time" }).click();
      await expect(page).toHaveURL(`/events?q=actor:${actor}&tz=Asia/Calcutta`);
      await awake(page);
      await page.locator(".when summary").click();
      await page.getByRole("button", { name: "Switch to UTC" }).click();
      await expect(page).toHaveURL(`/events?q=actor:${actor}`);
    });
  });
});

test.describe("a value", { tag: "@islands" }, () => {
  test("is copied as it was sent", async ({ page, context, producer }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const actor = `${unique("amy")} \u202E"<b>`;
    const [number] = await producer.send({ actor, action: "login" });
    await page.goto(`/events/${number}`);
    await awake(page);
    const value = page.getByRole("region", { name: "Summary" }).getByRole("link", { name: "amy" }).first();
    await value.hover();
    await page.getByRole("region", { name: "Summary" }).getByRole("button", { name: "Copy actor" }).click();
    await expect(page.getByRole("status")).toHaveText("Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(actor);
    await expect(page.getByRole("status"), "said once is enough").toHaveText("");
  });
});

test.describe("the theme", { tag: "@islands" }, () => {
  test("that was chosen comes with the next page's first byte", async ({ page, context }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/events");
    await awake(page);
    const html = page.locator("html");
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    await expect(button("As the system")).toHaveAttribute("aria-pressed", "true");
    await button("Dark").click();
    await expect(html).toHaveAttribute("data-theme", "dark");
    await expect(html).toHaveCSS("color-scheme", "dark");

    for (const path of ["/events", "/events/0", "/sign-in"]) {
      const answer = await page.goto(path);
      expect(await answer?.text(), path).toMatch(/<html[^>]* data-theme="dark"/);
    }
    await page.goto("/events");
    await expect(button("Dark")).toHaveAttribute("aria-pressed", "true");

    await button("Light").click();
    const answer = await page.reload();
    expect(await answer?.text()).toMatch(/<html[^>]* data-theme="light"/);
    await awake(page);
    await button("As the system").click();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("theme");
    expect(await (await page.reload())?.text()).not.toMatch(/<html[^>]* data-theme/);
  });

  test("is never what somebody wrote into the cookie", async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: "\"><script>alert(1)</script>", url: baseURL }]);
    await page.goto("/events");
    await awake(page);
    await expect(page.locator("html")).not.toHaveAttribute("data-theme");
  });
});

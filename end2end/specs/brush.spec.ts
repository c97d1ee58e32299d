// A stretch of the histogram, chosen by dragging or by keys.

import { awake, events, expect, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** The list of somebody's three events of the last two hours: one 70 minutes ago, two a few minutes ago. */
async function ida(page: Page, producer: Producer): Promise<string> {
  const actor = unique("ida");
  const one = (action: string, minutes: number) => ({ actor, action, occurred_at: minutesAgo(minutes) });
  await producer.send(one("login", 70), one("invoice.read", 19), one("invoice.read", 18));
  const list = `/events?q=actor:${actor}&from=-2h`;
  await page.goto(list);
  return list;
}

/** The place in the middle of the bars, so far from the left, from 0 to 1. */
async function at(page: Page, share: number): Promise<[number, number]> {
  const box = await page.locator(".histogram-bars").boundingBox();
  if (!box) throw new Error("there are no bars");
  return [box.x + box.width * share, box.y + box.height / 2];
}

function saying(page: Page): Locator {
  return page.locator(".brush-said");
}

test.describe("a stretch of the histogram", { tag: "@islands" }, () => {
  test("is dragged over, said in words, and gone to", async ({ page, producer, accessible }) => {
    const list = await ida(page, producer);
    await awake(page);
    await page.mouse.move(...(await at(page, 0.3)));
    await page.mouse.down();
    await page.mouse.move(...(await at(page, 0.45)), { steps: 4 });
    await page.mouse.move(...(await at(page, 0.6)), { steps: 4 });
    await expect(saying(page)).toHaveText(/^\d+ \w+ \d\d:\d\d – \d+ \w+ \d\d:\d\d · 1 event · /);
    await expect(page.locator(".band")).toBeVisible();
    await expect(page).toHaveURL(list);
    await page.mouse.up();
    await expect(page).toHaveURL(/&from=20[^&]*Z&to=20[^&]*Z$/);
    await expect(events(page)).toHaveCount(1);
    await expect(events(page)).toContainText("login");
    await awake(page);
    await expect(page.locator(".band")).toBeHidden();
    await accessible();
  });

  test("may be dragged from right to left, and beyond the edge", async ({ page, producer }) => {
    await ida(page, producer);
    await awake(page);
    await page.mouse.move(...(await at(page, 0.65)));
    await page.mouse.down();
    await page.mouse.move(...(await at(page, -0.1)), { steps: 6 });
    await expect(saying(page)).toContainText("1 event");
    await page.mouse.up();
    await expect(events(page)).toHaveCount(1);
  });

  test("is given up with Esc, also by whoever still holds the button", async ({ page, producer }) => {
    const list = await ida(page, producer);
    await awake(page);
    await page.mouse.move(...(await at(page, 0.3)));
    await page.mouse.down();
    await page.mouse.move(...(await at(page, 0.6)), { steps: 4 });
    await expect(saying(page)).toContainText("1 event");
    await page.keyboard.press("Escape");
    await expect(saying(page)).toHaveText("");
    await expect(page.locator(".band")).toBeHidden();
    await page.mouse.move(...(await at(page, 0.3)), { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(list);
    await expect(events(page)).toHaveCount(3);
  });

  test("is chosen with the arrow keys, and gone to with Enter", async ({ page, producer }) => {
    await ida(page, producer);
    await awake(page);
    const brush = page.getByRole("slider", { name: "Stretch of the histogram" });
    await brush.focus();
    await expect(brush).toHaveAttribute("aria-valuetext", "Nothing chosen");
    await page.keyboard.press("ArrowLeft");
    const last = await brush.getAttribute("aria-valuemax");
    await expect(brush).toHaveAttribute("aria-valuenow", last ?? "");
    await expect(saying(page)).toHaveText(/ · 0 events · Enter zooms in, Esc clears$/);
    await page.keyboard.press("ArrowLeft");
    await expect(brush).toHaveAttribute("aria-valuenow", `${Number(last) - 1}`);
    for (let presses = 0; presses < 20 && !(await saying(page).innerText()).includes("2 events"); presses++) {
      await page.keyboard.press("Shift+ArrowLeft");
    }
    await expect(saying(page)).toContainText("2 events");
    await page.keyboard.press("Shift+Home");
    await expect(saying(page)).toContainText("3 events");
    await page.keyboard.press("Home");
    await expect(saying(page), "one bar again").not.toContainText("3 events");
    await page.keyboard.press("End");
    await page.keyboard.press("Shift+Home");
    for (let presses = 0; presses < 80 && (await saying(page).innerText()).includes("3 events"); presses++) {
      await page.keyboard.press("Shift+ArrowRight");
    }
    await expect(saying(page)).toContainText("2 events");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/&from=20[^&]*Z&to=20[^&]*Z$/);
    await expect(events(page)).toHaveCount(2);
  });

  test("is let go with Esc, and by going elsewhere", async ({ page, producer }) => {
    const list = await ida(page, producer);
    await awake(page);
    const brush = page.getByRole("slider", { name: "Stretch of the histogram" });
    await brush.focus();
    await page.keyboard.press("Shift+Home");
    await page.keyboard.press("Shift+End");
    await expect(saying(page)).toContainText("3 events");
    await page.keyboard.press("Escape");
    await expect(saying(page)).toHaveText("");
    await expect(brush, "and has the focus still").toBeFocused();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Tab");
    await expect(saying(page)).toHaveText("");
    await expect(page).toHaveURL(list);
  });

  test("is no click: a bar that is clicked is a link, as it is without a script", async ({ page, producer }) => {
    await ida(page, producer);
    await awake(page);
    await page.locator(".histogram-bars a", { has: page.locator(".success") }).first().click();
    await expect(events(page)).toHaveCount(1);
    await expect(events(page)).toContainText("login");
  });
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("what would need one takes no focus", async ({ page, producer }) => {
    await ida(page, producer);
    await expect(page.getByRole("slider")).toHaveCount(0);
  });
});

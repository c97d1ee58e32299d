// Views that people keep.

import { answerTo, answered, events, expect, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** The list of somebody's one event. */
async function ann(page: Page, producer: Producer): Promise<{ actor: string; list: string }> {
  const actor = unique("ann");
  await producer.send({ actor, action: "login", occurred_at: minutesAgo(600) });
  const list = `/events?q=actor:${actor}&from=-24h&tz=Asia/Tokyo`;
  await page.goto(list);
  return { actor, list };
}

/** Keeps the view that is shown. */
async function save(page: Page, name: string, shared = false): Promise<void> {
  await page.locator(".menu summary", { hasText: "Save view" }).click();
  await page.getByLabel("Name").fill(name);
  if (shared) await page.getByLabel("Share with everyone").check();
  await page.getByRole("button", { name: "Save view" }).click();
}

/** The way to a view, beside each page. */
function link(page: Page, name: string): Locator {
  return page.getByRole("list", { name: "Saved views" }).getByRole("link", { name, exact: true });
}

/** What the page of them says of one. */
function entry(page: Page, name: string): Locator {
  return page.getByRole("main").getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
}

/** Opens the form of a view on the page of them, and deletes it. */
async function discard(page: Page, name: string): Promise<void> {
  await page.goto("/views");
  await entry(page, name).getByText("Change", { exact: true }).click();
  await entry(page, name).getByRole("button", { name: `Delete ${name}` }).click();
  await expect(entry(page, name)).toHaveCount(0);
}

test("a view is saved from its list, and opened again as it was", async ({ page, producer }) => {
  const [{ list }, name] = [await ann(page, producer), unique("Mine")];
  await save(page, name);
  await expect(page).toHaveURL(list);
  await expect(link(page, name)).toHaveAttribute("aria-current", "page");
  await page.goto("/events");
  await expect(link(page, name)).not.toHaveAttribute("aria-current", "page");
  const answer = await answerTo(page, () => link(page, name).click());
  expect(answer.request().redirectedFrom()?.url()).toMatch(/\/v\/mine-[0-9a-f]{8}-[a-z0-9]{6}$/);
  await expect(page, "the last day is the last day at any time").toHaveURL(list);
  await expect(events(page)).toHaveCount(1);
  await discard(page, name);
  await expect(link(page, name)).toHaveCount(0);
});

test("a view with an event beside it is kept without that", async ({ page, producer }) => {
  const [{ list }, name] = [await ann(page, producer), unique("Open")];
  await events(page).first().getByRole("cell").first().getByRole("link").click();
  await expect(page.getByRole("complementary")).toBeVisible();
  await save(page, name);
  await expect(page).toHaveURL(list);
  await discard(page, name);
});

test("a view that is shared is everybody's to open, and its owner's alone to change", async ({ page, browser, baseURL, session, javaScriptEnabled, producer }) => {
  const [{ list, actor }, name, renamed] = [await ann(page, producer), unique("Ours"), unique("All of ours")];
  await save(page, name, true);
  const theirs = await browser.newContext({ baseURL, javaScriptEnabled, storageState: await session("investigator") });
  const other = await theirs.newPage();
  await other.goto("/views");
  await expect(entry(other, name)).toContainText("by viewer");
  await expect(entry(other, name)).toContainText(`Events by ${actor} in the last 24 hours`);
  await expect(entry(other, name).getByText("Change", { exact: true })).toHaveCount(0);
  await entry(other, name).getByRole("link", { name }).click();
  await expect(other).toHaveURL(list);
  const address = await link(other, name).getAttribute("href");

  await page.goto("/views");
  await entry(page, name).getByText("Change", { exact: true }).click();
  await entry(page, name).getByLabel("Name").fill(renamed);
  await entry(page, name).getByLabel("Share with everyone").uncheck();
  await entry(page, name).getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL("/views");
  await expect(link(page, renamed)).toHaveAttribute("href", address ?? "");
  const gone = await theirs.request.get(address ?? "", { maxRedirects: 0 });
  expect(gone.status()).toBe(404);
  await other.goto("/views");
  await expect(other.getByRole("main")).not.toContainText(renamed);

  await other.goto("/events?q=source:flightbox action:view");
  await expect(events(other).filter({ hasText: address ?? "" })).toHaveCount(2);
  await theirs.close();
  await discard(page, renamed);
});

test("a form that is refused keeps what was typed, and says what is wrong", async ({ page, producer, complaints, accessible }) => {
  complaints.push(answered(422));
  const [{ list }, name] = [await ann(page, producer), unique("Twice")];
  await save(page, name);
  await page.goto(list);
  await page.locator(".menu summary", { hasText: "Save view" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Share with everyone").check();
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Save view" }).click());
  expect(answer.status()).toBe(422);
  const form = page.getByRole("region", { name: "This view was not saved" });
  await expect(form.getByRole("alert")).toHaveText("You keep another view of that name.");
  await expect(form.getByLabel("Name")).toHaveValue(name);
  await expect(form.getByLabel("Name")).toHaveAccessibleDescription("You keep another view of that name.");
  await expect(form.getByLabel("Share with everyone")).toBeChecked();
  await accessible();
  const second = unique("Second");
  await form.getByLabel("Name").fill(second);
  await form.getByRole("button", { name: "Save view" }).click();
  await expect(page).toHaveURL(list);
  await expect(link(page, second)).toBeVisible();

  await page.goto("/views");
  await entry(page, second).getByText("Change", { exact: true }).click();
  await entry(page, second).getByLabel("Name").fill(name);
  await entry(page, second).getByRole("button", { name: "Save", exact: true }).click();
  await expect(entry(page, second).getByRole("alert")).toHaveText("You keep another view of that name.");
  await expect(entry(page, second).getByLabel("Name")).toHaveValue(name);
  await discard(page, second);
  await discard(page, name);
});

test("the page of them is light or dark, wide or narrow", { tag: "@islands" }, async ({ page, producer, accessible }) => {
  const name = unique("A rather long name of a view that");
  await ann(page, producer);
  await save(page, name, true);
  await page.goto("/views");
  await entry(page, name).getByText("Change", { exact: true }).click();
  await accessible();
  await discard(page, name);
});

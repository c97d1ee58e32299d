// Who sends, with which tokens, and what was refused.

import { answerTo, answered, expect, said, test } from "../fixtures.js";
import { unique } from "../producer.js";
import type { APIRequest, Locator, Page } from "@playwright/test";

test.use({ as: "admin", alone: true });

/** The row of a source in the list of them. */
function row(page: Page, name: string): Locator {
  const table = page.getByRole("table", { name: "Everything that sends events" });
  return table.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}

/** Adds a source; its token. */
async function add(page: Page, name: string): Promise<string> {
  await page.goto("/sources");
  const form = page.getByRole("region", { name: "Add a source" });
  await form.getByLabel("Name").fill(name);
  const answer = await answerTo(page, () => form.getByRole("button", { name: "Add the source" }).click());
  expect(answer.status()).toBe(201);
  return shownToken(page);
}

async function shownToken(page: Page): Promise<string> {
  return (await page.getByRole("region", { name: "A token for" }).locator("code").textContent()) ?? "";
}

/** Sends a batch; the status of the answer. */
async function send(request: APIRequest, baseURL: string | undefined, token: string, batch: unknown): Promise<number> {
  const api = await request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  const answer = await api.post("/api/v1/events", { data: batch });
  await api.dispose();
  return answer.status();
}

test("a source is added, its token rotated with overlap, and the source disabled", async ({ page, baseURL, playwright, complaints, accessible }) => {
  test.slow();
  complaints.push(answered(422));
  const name = unique("crm");
  await page.goto("/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sources", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sources");
  const old = await add(page, name);
  await accessible();
  await expect(row(page, name)).toContainText("nothing yet");
  const event = { actor: "ivan", action: "invoice.read" };
  expect(await send(playwright.request, baseURL, old, event)).toBe(201);

  const form = page.getByRole("region", { name: "Add a source" });
  await form.getByLabel("Name").fill(name);
  const refused = await answerTo(page, () => form.getByRole("button", { name: "Add the source" }).click());
  expect(refused.status()).toBe(422);
  await expect(form.getByRole("alert")).toHaveText("There is a source of that name already. Names are never given twice.");
  await expect(row(page, name)).toContainText("active");

  await row(page, name).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await accessible();
  await expect(said(page, "Events").getByRole("link")).toHaveText("1 event");
  const tokens = page.getByRole("region", { name: "Ingest tokens" });
  await expect(tokens.getByRole("listitem")).toContainText("last used");
  await tokens.getByLabel("The token above goes on").selectOption("for an hour");
  const made = await answerTo(page, () => tokens.getByRole("button", { name: "Make another token" }).click());
  expect(made.status()).toBe(201);
  const token = await shownToken(page);
  await accessible();
  expect(await send(playwright.request, baseURL, old, event)).toBe(201);
  expect(await send(playwright.request, baseURL, token, event)).toBe(201);
  await expect(tokens.getByRole("listitem").first()).toContainText("ends in 59 minutes");
  await tokens.getByRole("button", { name: "Revoke token 1" }).click();
  await expect(tokens.getByRole("listitem")).toHaveCount(1);
  expect(await send(playwright.request, baseURL, old, event)).toBe(401);

  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.locator(".person-head")).toContainText("disabled");
  expect(await send(playwright.request, baseURL, token, event)).toBe(403);
  await accessible();
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.locator(".person-head")).toContainText("active");
  await page.getByRole("link", { name: "All that the record of access has" }).click();
  await expect(page.getByRole("main")).toContainText("source.rotate");
});

test("what was refused is seen, mended, checked, replayed and discarded", async ({ page, baseURL, playwright, people, complaints, accessible }) => {
  test.slow();
  complaints.push(answered(422));
  const name = unique("shop");
  const token = await add(page, name);
  const batch = [{ id: "1", actor: "a", action: "x" }, { id: "2", actor: "a", actoin: "y" }, { id: "3", actor: 7, action: "x" }];
  expect(await send(playwright.request, baseURL, token, batch)).toBe(422);
  await page.goto("/sources");
  await expect(row(page, name)).toContainText("1 kept, 1 today");
  await row(page, name).getByRole("link", { name: "1 kept, 1 today" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Quarantine of ${name}`);
  await accessible();
  await page.getByRole("table").getByRole("link").click();
  await expect(page.getByRole("main")).toContainText("This unlocks what was refused: you can see it as it came, and mend it, for ten minutes from now.");
  await page.getByLabel("Password").fill(people.admin.password);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`refused of ${name}`);
  const second = page.getByRole("region", { name: "Record 2" });
  await expect(second.locator("mark").last()).toContainText("actoin");
  await expect(second.locator(".problems")).toContainText("action");
  await expect(page.getByRole("region", { name: "Record 1", exact: true })).toHaveCount(0);
  await accessible();

  await second.getByLabel("Mend it here").fill('{"id":"2","actor":"a","action":"y"}');
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByRole("alert")).toContainText("1 record still has something wrong.");
  await expect(second).toContainText("Nothing is wrong with it.");
  await accessible();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  const told = page.locator(".said");
  await expect(told).toContainText("2 events are stored:");
  await expect(told).toContainText("1 record is left");
  await accessible();

  await page.getByText("Discard this batch").click();
  const discard = page.getByRole("region", { name: "Discard" });
  await discard.getByLabel("Why is it not needed?").fill("x");
  const refused = await answerTo(page, () => discard.getByRole("button", { name: "Discard it" }).click());
  expect(refused.status()).toBe(422);
  await expect(discard.getByRole("alert")).toBeVisible();
  await accessible();
  await discard.getByLabel("Why is it not needed?").fill("a test of theirs");
  await discard.getByRole("button", { name: "Discard it" }).click();
  await expect(page.getByRole("main")).toContainText("Nothing of it was refused.");
  await accessible();
});

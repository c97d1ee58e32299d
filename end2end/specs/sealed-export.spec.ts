// Sealed values leave for an investigator who confirms it and says why; where the server asks for it, a second person
// agrees first.

import { readFile } from "node:fs/promises";
import type { Browser, Page } from "@playwright/test";
import { answerTo, answered, expect, signIn, test, type Person, type Producer } from "../fixtures.js";
import { producer, unique } from "../producer.js";
import { command, fresh } from "../server.js";

const PASSWORD = "a password nobody guesses";

/** Two events with sealed values, and what finds them. */
async function sealed(from: Producer): Promise<{ q: string; email: string }> {
  const [actor, email] = [unique("ivan"), `${unique("ivan")}@example.org`];
  const event = { actor: { id: actor, email }, action: "user.invite", details: { card: "4111 1111 1111 1111" } };
  await from.send(event, event);
  return { q: `actor:${actor}`, email };
}

async function confirm(page: Page, { password }: Person): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it is you");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Confirm" }).click();
}

/** What a click makes the browser save. */
async function saved(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export with sealed values" }).click(),
  ]);
  return readFile(await download.path(), "utf8");
}

test.describe("an investigator", () => {
  test.use({ as: "investigator", alone: true });

  test("takes sealed values away for a reason, once confirmed", async ({ page, producer, people, complaints, accessible }) => {
    const { q, email } = await sealed(producer);
    await page.goto(`/events?q=${q}`);
    await page.locator("summary", { hasText: "Export" }).click();
    await page.getByRole("link", { name: "CSV with sealed values" }).click();
    await expect(page.getByRole("main")).toContainText("one export of events with their sealed values, within the next ten minutes");
    await confirm(page, people.investigator);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Export with sealed values");
    await expect(page.getByRole("main")).toContainText("in 2 of the 2 events");
    await expect(page.getByRole("main")).not.toContainText(email);
    await accessible();
    complaints.push(answered(422));
    const answer = await answerTo(page, async () => {
      await page.getByLabel("Reason").fill(" ");
      await page.getByRole("button", { name: "Export with sealed values" }).click();
    });
    expect(answer.status()).toBe(422);
    await expect(page.getByRole("alert")).toContainText("Say why");
    await expect(page.getByLabel("Reason")).toBeFocused();
    await accessible();
    await page.getByLabel("Reason").fill("INC-2291: the regulator asks");
    expect((await saved(page)).split(email)).toHaveLength(3);
    await page.getByRole("button", { name: "Export with sealed values" }).click();
    await expect(page.getByRole("heading", { level: 1 }), "it was good once").toHaveText("Confirm that it is you");
  });
});

test.describe("a viewer", () => {
  test.use({ as: "viewer" });

  test("isn't offered sealed values, and gets none", async ({ page, producer, complaints }) => {
    const { q, email } = await sealed(producer);
    complaints.push(answered(403));
    await page.goto(`/events?q=${q}`);
    await page.locator("summary", { hasText: "Export" }).click();
    await expect(page.getByRole("link", { name: "CSV for spreadsheets" })).toBeVisible();
    await expect(page.getByText("With sealed values…")).toHaveCount(0);
    const answer = await page.goto(`/export/sealed?format=csv&q=${q}`);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not for your role");
    const file = await page.request.get(`/events.csv?q=${q}`);
    expect(await file.text()).not.toContain(email);
  });
});

test("a second person agrees before sealed values leave", async ({ browser, playwright, accessible, page, javaScriptEnabled }) => {
  test.slow();
  const server = await fresh({ FLIGHTBOX_FOUR_EYES: "true" });
  try {
    const billing = await producer(playwright.request, server, "billing");
    const { q, email } = await sealed(billing);
    const ivy = await investigator(server, page, "ivy");
    const bobs = await another(browser, javaScriptEnabled);
    const bob = await investigator(server, bobs, "bob");

    await page.goto(`${server.url}/export/sealed?format=jsonl&q=${q}`);
    await confirm(page, ivy);
    await expect(page.getByRole("main")).toContainText("A second person has to agree");
    await page.getByLabel("Reason").fill("INC-2291: the regulator asks");
    await page.getByRole("button", { name: "Ask for approval" }).click();
    await expect(page.getByRole("heading", { level: 2 }).nth(1)).toHaveText("Waiting for a second person");
    await accessible();

    await bobs.goto(`${server.url}/events`);
    await bobs.getByRole("link", { name: "Approvals 1 waiting" }).click();
    await expect(bobs.getByRole("listitem").filter({ hasText: "INC-2291" })).toContainText("ivy asks for");
    await bobs.getByRole("link", { name: "Approve what ivy asks for" }).click();
    await confirm(bobs, bob);
    await bobs.getByLabel("Reason").fill("seen the letter");
    await bobs.getByRole("button", { name: "Approve it" }).click();
    await expect(bobs.getByRole("listitem").filter({ hasText: "INC-2291" })).toContainText("Approved by bob: “seen the letter”");

    await page.goto(`${server.url}/approvals`);
    await accessible();
    await page.getByRole("link", { name: "Export…" }).click();
    await confirm(page, ivy);
    await expect(page.getByRole("main")).toContainText("Approved by bob: “seen the letter”. It is good once, until");
    await accessible();
    expect((await saved(page)).split(email)).toHaveLength(3);
    await page.goto(`${server.url}/approvals`);
    await expect(page.getByRole("listitem").filter({ hasText: "INC-2291" })).toContainText("used");
    await bobs.context().close();
  } finally {
    await server.stop();
  }
});

async function another(browser: Browser, javaScriptEnabled: boolean | undefined): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled, storageState: { cookies: [], origins: [] } });
  return context.newPage();
}

/** Adds an investigator and signs them in. */
async function investigator(server: { url: string; data: string }, page: Page, name: string): Promise<Person> {
  await command(server.data, ["person", "add", name, "--role", "investigator", "--password-stdin"], PASSWORD);
  await page.goto(`${server.url}/sign-in`);
  const person = { name, password: PASSWORD };
  await signIn(page, person);
  await expect(page).toHaveURL(/\/events$/);
  return person;
}

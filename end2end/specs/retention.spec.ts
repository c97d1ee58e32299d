// How long events are kept, and what is kept whatever the rules say.

import { answerTo, answered, expect, test } from "../fixtures.js";
import { unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "admin" });

/** What the page of rules says of one. */
function rule(page: Page, label: string): Locator {
  return page.getByRole("region", { name: "How long events are kept" }).getByRole("listitem").filter({ hasText: label });
}

/** A hold in the list of those that stand, or of those that were lifted. */
function hold(page: Page, list: "Standing" | "Lifted", name: string): Locator {
  const within = page.getByRole("region", { name: list, exact: true });
  return within.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
}

test("a rule is set, refused and taken back", async ({ page, producer, complaints, accessible }) => {
  complaints.push(answered(422));
  await page.goto("/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");
  await accessible();
  await page.getByRole("main").getByRole("link", { name: "Retention" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Retention");

  const ours = rule(page, producer.source);
  await expect(ours).toContainText("for good, as all sources");
  await ours.getByLabel(`Keep ${producer.source}`, { exact: true }).selectOption("for so many days");
  await ours.getByLabel(`Days to keep ${producer.source}`).fill("many");
  const refused = await answerTo(page, () => ours.getByRole("button", { name: "Save" }).click());
  expect(refused.status()).toBe(422);
  await expect(ours.getByRole("alert")).toContainText("is no number of days");
  await expect(ours.getByLabel(`Days to keep ${producer.source}`)).toHaveValue("many");
  await expect(ours.getByLabel(`Days to keep ${producer.source}`)).toBeFocused();
  await accessible();

  await ours.getByLabel(`Days to keep ${producer.source}`).fill("3000");
  await ours.getByRole("button", { name: "Save" }).click();
  await expect(ours).toContainText("3000 days");
  await expect(page.getByRole("region", { name: "Runs" })).toContainText("ahead");
  await page.getByRole("link", { name: "See what would go now" }).click();
  await expect(page.getByRole("main")).toContainText("Nothing would go.");
  await expect(page.getByRole("button", { name: "Remove these events" })).toHaveCount(0);
  await accessible();

  await page.getByRole("link", { name: "Retention" }).click();
  await ours.getByLabel(`Keep ${producer.source}`, { exact: true }).selectOption("as all sources");
  await ours.getByRole("button", { name: "Save" }).click();
  await expect(ours).toContainText("for good, as all sources");
});

test("a hold is set, seen on what it holds, and lifted", async ({ page, producer, complaints, accessible }) => {
  complaints.push(answered(422));
  const [actor, name] = [unique("eve"), unique("Case")];
  const [number] = await producer.send({ actor, action: "payroll.export" });
  await page.goto("/settings");
  await page.getByRole("main").getByRole("link", { name: "Legal holds" }).click();
  const form = page.getByRole("region", { name: "Set a hold" });
  await form.getByLabel("Name").fill(name);
  await form.getByRole("radio", { name: "Everything that a query finds" }).check();
  await form.getByLabel("The actor’s id, or the query").fill(`actr:${actor}`);
  await form.getByLabel("Reason").fill("Court order 4711");
  const refused = await answerTo(page, () => form.getByRole("button", { name: "Set the hold" }).click());
  expect(refused.status()).toBe(422);
  await expect(form.getByRole("alert")).toContainText("At character 1");
  await expect(form.getByLabel("Reason")).toHaveValue("Court order 4711");
  await expect(form.getByRole("radio", { name: "Everything that a query finds" })).toBeChecked();
  await accessible();
  await form.getByLabel("The actor’s id, or the query").fill(`actor:${actor}`);
  await form.getByRole("button", { name: "Set the hold" }).click();
  await expect(hold(page, "Standing", name)).toContainText("Court order 4711");
  await accessible();

  for (const place of [`/actors/${actor}`, `/events/${number}`, `/events?q=actor:${actor}&event=${number}`]) {
    await page.goto(place);
    await expect(page.getByText(`Under legal hold ${name}`)).toContainText("by admin: Court order 4711");
    await accessible();
  }

  await page.goto("/settings/holds");
  await hold(page, "Standing", name).getByRole("link", { name: `actor:${actor}` }).click();
  await expect(page.getByRole("main")).toContainText("payroll.export");
  await page.goto("/settings/holds");
  await hold(page, "Standing", name).getByText("Lift", { exact: true }).click();
  await hold(page, "Standing", name).getByLabel("Reason").fill("Settled");
  await hold(page, "Standing", name).getByRole("button", { name: "Lift this hold" }).click();
  await expect(hold(page, "Standing", name)).toHaveCount(0);
  await expect(hold(page, "Lifted", name)).toContainText("Settled");
  await page.goto(`/events/${number}`);
  await expect(page.getByText("Under legal hold")).toHaveCount(0);
});

test.describe("as somebody who is no admin", () => {
  test.use({ as: "viewer" });

  test("there are no settings", async ({ page, complaints }) => {
    complaints.push(answered(403));
    await page.goto("/");
    await expect(page.getByRole("link", { name: "Settings" })).toHaveCount(0);
    for (const path of ["/settings", "/settings/retention", "/settings/retention/run", "/settings/holds"]) {
      expect((await page.goto(path))?.status()).toBe(403);
    }
  });
});

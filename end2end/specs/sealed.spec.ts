// Sealed values: a lock for everybody, opened for a reason by those who may, gone when they are erased.

import type { Page } from "@playwright/test";
import { answered, events, expect, said, signIn, test, type Person, type Producer } from "../fixtures.js";
import { unique } from "../producer.js";
import { command } from "../server.js";

const PASSWORD = "a password nobody guesses";
const REASON = "Ticket 4711: which address was invited?";

/** An event with sealed values of all kinds of places; its number and its actor. */
async function sealed(producer: Producer): Promise<{ actor: string; number: number | undefined }> {
  const actor = unique("sealed");
  const [number] = await producer.send({
    actor: { id: actor, email: `${actor}@example.org` },
    action: "user.invite",
    reason: "paid with 4111 1111 1111 1111",
    changes: { email: { before: "old@example.org", after: "new@example.org" } },
    details: { contact: { phone: "+49 30 901820" }, note: "in clear", list: ["a", "secret plan"] },
    sensitive: ["details.list"],
  });
  return { actor, number };
}

/** Somebody new of a role, signed in: what steps up gets another session, which is nobody else's then. */
async function newcomer(page: Page, data: string, role: string): Promise<Person> {
  const person = { name: unique(role), password: PASSWORD };
  await command(data, ["person", "add", person.name, "--role", "viewer", "--role", role, "--password-stdin"], person.password);
  await page.goto("/sign-in");
  await signIn(page, person);
  await expect(page).toHaveURL("/events");
  return person;
}

async function confirm(page: Page, unlocks: string): Promise<void> {
  await expect(page.getByRole("main")).toContainText(unlocks);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
}

test("everybody sees that there is a value, and of what kind", async ({ page, server, producer, accessible }) => {
  const { actor, number } = await sealed(producer);
  await newcomer(page, server.data, "viewer");
  await page.goto(`/events?q=actor:${actor}`);
  await expect(events(page).getByText("Has sealed values")).toHaveCount(1);
  await page.goto(`/events/${number}`);
  await expect(said(page, "E-mail")).toHaveText("email, sealed");
  await expect(said(page, "Reason")).toHaveText("card, sealed");
  await expect(page.getByRole("row", { name: "contact.phone" })).toContainText("phone, sealed");
  await expect(page.getByRole("row", { name: "list" })).toContainText("sensitive, sealed");
  await expect(page.getByRole("row", { name: "email" })).toContainText("email, sealed");
  await expect(page.getByRole("main")).toContainText("6 values are sealed. Somebody with the role of investigator can reveal them.");
  for (const clear of ["example.org", "4111", "901820", "secret plan"]) await expect(page.locator("body")).not.toContainText(clear);
  await accessible();
});

test("an investigator reveals them for a reason, and who looks is on record", async ({ page, server, producer, complaints, accessible }) => {
  complaints.push(answered(422));
  const { actor, number } = await sealed(producer);
  await newcomer(page, server.data, "investigator");
  await page.goto(`/events/${number}`);
  await page.getByRole("link", { name: "Reveal…" }).click();
  await confirm(page, "This unlocks sealed values: you can reveal them, for ten minutes from now.");
  await expect(page).toHaveURL(`/events/${number}/reveal`);
  await accessible();
  await page.getByLabel("Why do you have to see this?").fill("x");
  await page.getByRole("button", { name: "Reveal 6 values" }).click();
  await expect(page.getByRole("alert")).toContainText("Say why");
  await page.getByLabel("Why do you have to see this?").fill(REASON);
  await page.getByRole("button", { name: "Reveal 6 values" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Revealed values");
  await expect(page.getByRole("row", { name: "actor.email" })).toContainText(`${actor}@example.org`);
  await expect(page.getByRole("row", { name: "reason" })).toContainText("4111 1111 1111 1111");
  await expect(page.getByRole("row", { name: "details.list" })).toContainText("secret plan");
  await expect(page.getByRole("timer")).toHaveText(/^(9:\d\d|10:00)$/);
  await accessible();
  await page.getByRole("link", { name: "Hide now" }).click();
  await expect(said(page, "E-mail")).toHaveText("email, sealed");
  const history = page.getByRole("region", { name: "Access history" });
  await history.getByRole("link", { name: "event.reveal" }).click();
  await expect(page.getByRole("main")).toContainText(REASON);
});

test("the countdown goes on by itself, and hides the values at its end", { tag: "@islands" }, async ({ page, server, producer }) => {
  const { actor, number } = await sealed(producer);
  await newcomer(page, server.data, "investigator");
  await page.clock.install();
  await page.goto(`/events/${number}/reveal`);
  await confirm(page, "sealed values");
  await page.getByLabel("Why do you have to see this?").fill(REASON);
  await page.getByRole("button", { name: "Reveal 6 values" }).click();
  await expect(page.getByRole("row", { name: "actor.email" })).toContainText(`${actor}@example.org`);
  await page.clock.runFor(60_000);
  await expect(page.getByRole("timer")).toHaveText(/^[89]:/);
  await page.clock.runFor(600_000);
  await expect(page).toHaveURL(`/events/${number}`);
  await expect(said(page, "E-mail")).toHaveText("email, sealed");
});

test("an admin erases somebody's values, and every page says so", async ({ page, server, producer, accessible }) => {
  const { actor, number } = await sealed(producer);
  const admin = await newcomer(page, server.data, "admin");
  await page.goto(`/actors/${actor}`);
  await page.getByRole("link", { name: "Erase them…" }).click();
  await confirm(page, "one erasure, which nobody can undo");
  await accessible();
  await page.getByLabel("Why?").fill("Her request of today");
  await page.getByRole("button", { name: "Erase for good" }).click();
  await expect(page).toHaveURL(`/actors/${actor}`);
  await expect(page.getByRole("main")).toContainText(`Sealed values were erased by ${admin.name}: Her request of today`);
  await accessible();
  await page.goto(`/events/${number}`);
  await expect(said(page, "E-mail")).toHaveText("email, erased");
  await expect(page.getByRole("main")).toContainText("6 values are erased for good");
});

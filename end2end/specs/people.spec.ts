// Who may sign in, what each may do, and where they are signed in.

import { answerTo, answered, confirm, expect, said, signIn, test } from "../fixtures.js";
import { unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "admin", alone: true });

/** The row of somebody in the list of people. */
function row(page: Page, name: string): Locator {
  return page.getByRole("table", { name: "Everybody who may sign in" }).getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}

/** Adds somebody; the link to hand to them. */
async function invite(page: Page, password: string, name: string, role = "viewer"): Promise<string> {
  await page.goto("/people");
  const form = page.getByRole("region", { name: "Add a person" });
  await form.getByLabel("Name").fill(name);
  await form.getByRole("checkbox", { name: role }).check();
  await form.getByRole("button", { name: "Make the link" }).click();
  await confirm(page, password, "one change of what somebody may do");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Add ${name}?`);
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Make the link" }).click());
  expect(answer.status()).toBe(201);
  return shownLink(page);
}

async function shownLink(page: Page): Promise<string> {
  return (await page.getByRole("region", { name: "A link for" }).locator("code").textContent()) ?? "";
}

/** Somebody with a browser of their own. */
async function stranger(page: Page, baseURL: string | undefined, javaScriptEnabled: boolean | undefined): Promise<Page> {
  const context = await page.context().browser()?.newContext({ baseURL, javaScriptEnabled, storageState: { cookies: [], origins: [] } });
  if (!context) throw new Error("there is no browser");
  return context.newPage();
}

async function choose(page: Page, password: string): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password, once more").fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
}

test("somebody is let in by a link, seen, given other roles, shut out and let in again", async ({ page, baseURL, javaScriptEnabled, complaints, people, accessible }) => {
  complaints.push(answered(403), answered(401));
  const { password } = people.admin;
  const name = unique("Zoë B.");
  const link = await invite(page, password, name, "investigator");
  await accessible();
  await expect(row(page, name)).toContainText("invited");
  await expect(row(page, name)).toContainText("never");
  await expect(page.getByRole("link", { name: "People" })).toHaveAttribute("aria-current", "page");

  const theirs = await stranger(page, baseURL, javaScriptEnabled);
  await theirs.goto(link);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("Choose a password");
  await expect(theirs.getByRole("main")).toContainText(`You will sign in as ${name}`);
  await choose(theirs, "a rather good password");
  await expect(theirs).toHaveURL("/events");
  await expect(theirs.getByRole("banner")).toContainText("viewer, investigator");
  await expect(theirs.getByRole("link", { name: "People" })).toHaveCount(0);
  expect((await theirs.goto("/people"))?.status()).toBe(403);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("This is for administrators");
  await theirs.goto(link);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("This link is no longer good");

  await page.goto("/people");
  await expect(row(page, name)).toContainText("active");
  await row(page, name).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  const sessions = page.getByRole("region", { name: "Sessions" });
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await expect(sessions.getByRole("listitem")).toContainText("Chrome on Windows");
  await accessible();
  await page.getByRole("checkbox", { name: "investigator" }).uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await confirm(page, password, "one change of what somebody may do");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Change what ${name} may do and see?`);
  await expect(said(page, "Roles")).toHaveText("viewer until now viewer, investigator");
  await accessible();
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("region", { name: "About" })).toContainText("Rolesviewer");
  await expect(sessions).toContainText("nobody is signed in");
  await theirs.goto("/events");
  await expect(theirs).toHaveURL("/sign-in");

  await page.getByRole("button", { name: "Disable" }).click();
  await confirm(page, password, "one change of what somebody may do");
  await page.getByRole("link", { name: "Leave them be" }).click();
  await expect(page.locator(".person-head"), "nothing was done").toContainText("active");
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.locator(".person-head")).toContainText("disabled");
  await signIn(theirs, { name, password: "a rather good password" });
  await expect(theirs.getByRole("alert")).toHaveText("The name or the password is wrong.");
  await page.getByRole("button", { name: "Enable" }).click();
  await confirm(page, password, "one change of what somebody may do");
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.locator(".person-head")).toContainText("active");

  await page.getByRole("button", { name: "Reset the password" }).click();
  await confirm(page, password, "one change of what somebody may do");
  await page.getByRole("button", { name: "Make the link" }).click();
  await theirs.goto(await shownLink(page));
  await choose(theirs, "another good password");
  await expect(theirs).toHaveURL("/events");
  await theirs.context().close();

  await page.getByRole("link", { name: "All that the record of access has" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
});

test("a form that is refused says why and keeps what was chosen", async ({ page, complaints, accessible }) => {
  complaints.push(answered(422));
  await page.goto("/people");
  const form = page.getByRole("region", { name: "Add a person" });
  await form.getByLabel("Name").fill("admin");
  await form.getByRole("checkbox", { name: "investigator" }).check();
  await form.getByRole("radio", { name: "Only these" }).check();
  const answer = await answerTo(page, () => form.getByRole("button", { name: "Make the link" }).click());
  expect(answer.status()).toBe(422);
  await expect(form.getByRole("alert")).toHaveText("Choose a source, or all of them.");
  await form.getByRole("radio", { name: "All" }).check();
  await answerTo(page, () => form.getByRole("button", { name: "Make the link" }).click());
  await expect(form.getByRole("alert")).toHaveText("There is somebody of that name already. Names are never given twice.");
  await expect(form.getByLabel("Name")).toHaveValue("admin");
  await expect(form.getByRole("checkbox", { name: "investigator" })).toBeChecked();
  await accessible();
});

test("nobody changes their own roles", async ({ page }) => {
  await page.goto("/people/admin");
  await expect(page.getByRole("main")).toContainText("Nobody changes their own roles or sources");
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
});

test("a session ends where its person ends it, and another password ends all others", async ({ page, baseURL, javaScriptEnabled, complaints, people, accessible }) => {
  complaints.push(answered(422));
  const name = unique("bob");
  const link = await invite(page, people.admin.password, name);
  const [here, there] = [await stranger(page, baseURL, javaScriptEnabled), await stranger(page, baseURL, javaScriptEnabled)];
  await here.goto(link);
  await choose(here, "a rather good password");
  await there.goto("/sign-in");
  await signIn(there, { name, password: "a rather good password" });
  await expect(there).toHaveURL("/events");

  await here.locator(".me").getByRole("link").click();
  await expect(here).toHaveURL("/account");
  const sessions = here.getByRole("region", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: "this one" })).toHaveCount(1);
  await sessions.getByRole("button", { name: /^End the session/ }).click();
  await expect(sessions).toHaveCount(1);
  await there.goto("/events");
  await expect(there).toHaveURL("/sign-in");
  await signIn(there, { name, password: "a rather good password" });

  const change = async (old: string, fresh: string) => {
    await here.getByLabel("Password now").fill(old);
    await here.getByLabel("New password", { exact: true }).fill(fresh);
    await here.getByLabel("New password, once more").fill(fresh);
    await here.getByRole("button", { name: "Change the password" }).click();
  };
  await change("not my password", "another good password");
  await expect(here.getByRole("alert")).toHaveText("That is not your password.");
  await change("a rather good password", "another good password");
  await expect(here.getByRole("status").filter({ hasText: "Your password is changed" })).toBeVisible();
  await there.goto("/events");
  await expect(there).toHaveURL("/sign-in");
  await here.goto("/events");
  await expect(here).toHaveURL("/events");
  await page.goto("/account");
  await accessible();
  await here.context().close();
  await there.context().close();
});

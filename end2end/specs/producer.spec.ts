// Other people's services with a middleware around them: what is done there is seen here.

import { answered, events, expect, test as base } from "../fixtures.js";
import { unique } from "../producer.js";
import { command, type Demo } from "../server.js";
import { shop, staff, type Reporting, type Service } from "../service.js";
import type { Page } from "@playwright/test";

/** Starts a service, which ends with the test. */
type Start = (launch: typeof shop, to: Reporting) => Promise<Service>;

const test = base.extend<{ start: Start }>({
  start: async ({}, use) => {
    const started: Service[] = [];
    await use(async (launch, to) => {
      const service = await launch(to);
      started.push(service);
      return service;
    });
    await Promise.all(started.map((service) => service.stop()));
  },
});

test.use({ as: "viewer" });

/** A new source, and where it reports to. */
async function reporting(server: Demo, name: string): Promise<Reporting & { source: string }> {
  const source = unique(name);
  return { source, url: server.url, token: await command(server.data, ["source", "add", source]) };
}

async function logIn(page: Page, { url, passwords }: Service, name: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(passwords.get(name) ?? "");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("main")).toContainText(`You are ${name}`);
}

async function changeRole(page: Page, name: string, role: string): Promise<void> {
  await page.getByLabel(`Role of ${name}`, { exact: true }).selectOption(role);
  await page.getByRole("button", { name: `Change the role of ${name}` }).click();
}

test("what is done in an axum service is in the log: log-ins, a refusal, a change", async ({ page, server, start, complaints, accessible }) => {
  test.slow();
  complaints.push(answered(401), answered(403));
  const to = await reporting(server, "shop");
  const service = await start(shop, to);
  await page.goto(service.url);
  await page.getByLabel("Name").fill("bob");
  await page.getByLabel("Password").fill("a guess");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Name or password is wrong.");
  await accessible();
  await logIn(page, service, "bob");
  await accessible();
  await changeRole(page, "bob", "admin");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Shop: not allowed");
  await page.goto(service.url);
  await page.getByRole("button", { name: "Log out" }).click();
  await logIn(page, service, "alice");
  await changeRole(page, "bob", "viewer");
  await expect(page.getByLabel("Role of bob", { exact: true })).toHaveValue("viewer");
  // Ended in good order, it leaves nothing behind.
  await service.stop();

  await page.goto(`/events?q=source:${to.source} -action:GET*`);
  const told = await events(page).evaluateAll((rows) => rows.map((row) => row.textContent ?? ""));
  const expected = ["POST /users/{id}/role", "user.update", "POST /login", "login", "POST /logout", "logout", "POST /users/{id}/role", "user.update", "POST /login", "login", "POST /login", "login"];
  expect(told.length, told.join("\n")).toBe(expected.length);
  for (const action of new Set(expected)) {
    const row = events(page).filter({ has: page.locator(".c-action", { hasText: new RegExp(`^\\s*${action.replace(/[{}]/g, "\\$&")}\\s*$`) }) });
    await expect(row).toHaveCount(expected.filter((one) => one === action).length);
  }

  await page.goto(`/events?q=source:${to.source} action:user.update outcome:success`);
  await events(page).locator(".c-time a").first().click();
  await expect(page.getByRole("main")).toContainText("editor");
  await expect(page.getByRole("main")).toContainText("alice");
  await page.goto(`/events?q=source:${to.source} action:user.update outcome:denied`);
  await expect(events(page)).toHaveCount(1);
  await page.goto(`/events?q=source:${to.source} action:login outcome:failure`);
  await expect(events(page)).toHaveCount(1);
});

test("a live view shows it within a second", { tag: "@islands" }, async ({ page, context, server, start }) => {
  test.slow();
  const to = await reporting(server, "shop");
  const service = await start(shop, to);
  const elsewhere = await context.newPage();
  await logIn(elsewhere, service, "alice");
  await page.goto(`/events?q=source:${to.source} action:user.update&live=1`);
  await expect(page.locator(".tail").getByRole("status")).toHaveText("Live");
  await changeRole(elsewhere, "carol", "editor");
  await expect(events(page)).toHaveCount(1, { timeout: 1_000 });
  await elsewhere.close();
});

test("what is done in a FastAPI service is in the log, in the words that it has for it", async ({ page, playwright, server, start }) => {
  test.slow();
  const to = await reporting(server, "staff");
  const service = await start(staff, to);
  const nobody = await playwright.request.newContext({ baseURL: service.url, userAgent: "staff/1.0" });
  expect((await nobody.post("/login", { data: { name: "mallory", password: "a guess" } })).status()).toBe(401);
  const session = async (name: string) => {
    const answer = await nobody.post("/login", { data: { name, password: service.passwords.get(name) } });
    return { authorization: `Bearer ${((await answer.json()) as { session: string }).session}` };
  };
  const change = async (name: string) => (await nobody.patch("/users/1043", { headers: await session(name), data: { role: "viewer" } })).status();
  expect(await change("bob")).toBe(403);
  expect(await change("alice")).toBe(200);
  await expect(async () => {
    await page.goto(`/events?q=source:${to.source}`);
    // Five requests, and what each of them was.
    await expect(events(page)).toHaveCount(10, { timeout: 500 });
  }).toPass();
  for (const [query, rows] of [
    ["actor:mallory action:login outcome:failure", 1],
    ["actor:1043 action:user.update outcome:denied", 1],
    ["actor:1042 action:user.update outcome:success", 1],
    ["action:login outcome:success", 2],
    ["method:PATCH status:>=200 path:/users/1043", 2],
    ["ip:127.0.0.1 agent:staff/1.0", 10],
  ] as const) {
    await page.goto(`/events?q=source:${to.source} ${query}`);
    await expect(events(page), query).toHaveCount(rows);
  }
  await nobody.dispose();
});

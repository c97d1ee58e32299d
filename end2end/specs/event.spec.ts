import { awake, events, expect, said, test, type Producer } from "../fixtures.js";
import { minutesAgo, unique } from "../producer.js";

test.use({ as: "viewer" });

/** An event with something in every field. */
function rich(actor: string) {
  return {
    id: unique("ord"),
    actor: { id: actor, name: "Amy Bloggs", email: "amy@example.org" },
    action: "user.update",
    resource: { id: "/users/77", type: "users", name: "Bob" },
    reason: "asked for by the owner",
    severity: "notice",
    origin: { ip: "192.0.2.10", port: 4711, country: "NL", user_agent: "curl/8.14.1", session_id: "s_8f21c0", request_id: "r_1" },
    http: { method: "PATCH", path: "/users/77", status: 200, duration_ms: 12.5 },
    changes: { role: { before: "editor", after: "admin" }, team: { after: "blue" }, badge: { before: 7 } },
    details: { ticket: "INC-2291", request: { retries: 2, tags: ["a", "b"] }, password: "hunter2 hunter2" },
  };
}

/** Somebody's three events, a minute apart, oldest first. */
async function three(producer: Producer): Promise<{ actor: string; numbers: number[] }> {
  const actor = unique("amy");
  const one = (action: string, minutes: number) => ({ actor, action, occurred_at: minutesAgo(minutes) });
  return { actor, numbers: await producer.send(one("login", 3), one("user.update", 2), one("logout", 1)) };
}

test("an event leads back to the list that it was opened from", async ({ page, producer }) => {
  const actor = unique("amy");
  const [number] = await producer.send(rich(actor));
  await page.goto(`/events/${number}?q=actor:${actor}&from=-24h`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Amy Bloggs did user.update on Bob from 192.0.2.10");
  await page.getByRole("navigation", { name: "Position" }).getByRole("link", { name: "Events" }).click();
  await expect(page).toHaveURL(`/events?q=actor:${actor}&from=-24h`);
});

test("the summary tells who did what to what, from where and when", async ({ page, producer }) => {
  const actor = unique("amy");
  const sent = rich(actor);
  const [number] = await producer.send(sent);
  await page.goto(`/events/${number}`);
  const summary = page.getByRole("region", { name: "Summary" });
  await expect(page.getByRole("main")).toContainText("asked for by the owner");
  for (const [term, text] of [
    ["Time", "UTC"], ["Received", "UTC"], ["Actor", actor], ["E-mail", "email, sealed"], ["Action", "user.update"],
    ["Resource", "/users/77"], ["Resource", "users · Bob"], ["Outcome", "success"], ["Severity", "notice"],
    ["Address", "192.0.2.10"], ["Address", "NL · port 4711"], ["Session", "s_8f21c0"], ["Request", "r_1"],
    ["User agent", "curl/8.14.1"], ["HTTP", "PATCH /users/77 answered 200 in 12.5 ms"], ["Source", producer.source],
    ["Producer’s id", sent.id], ["Sequence number", `${number}`],
  ] as const) {
    await expect(said(summary, term)).toContainText(text);
  }
  await expect(said(summary, "Leaf hash")).toHaveText(/^[0-9a-f]{64}$/);
});

test("changes are shown before and after", async ({ page, producer }) => {
  const [number] = await producer.send(rich(unique("amy")));
  await page.goto(`/events/${number}`);
  const changes = page.getByRole("region", { name: "Changes" });
  const role = changes.getByRole("row").filter({ hasText: "role" });
  await expect(role.getByRole("deletion")).toHaveText("editor");
  await expect(role.getByRole("insertion")).toHaveText("admin");
  const team = changes.getByRole("row").filter({ hasText: "team" });
  await expect(team).toContainText("added");
  await expect(team.getByRole("deletion")).toHaveCount(0);
  const badge = changes.getByRole("row").filter({ hasText: "badge" });
  await expect(badge).toContainText("removed");
  await expect(badge.getByRole("deletion")).toHaveText("7");
});

test("details are shown path by path, and the whole as it was stored", async ({ page, producer }) => {
  const sent = rich(unique("amy"));
  const [number] = await producer.send(sent);
  await page.goto(`/events/${number}`);
  const details = page.getByRole("region", { name: "Details" });
  await expect(details.getByRole("row").filter({ hasText: "ticket" })).toContainText("INC-2291");
  await expect(details.getByRole("row").filter({ hasText: "retries" })).toContainText("2");
  await expect(details.getByRole("row").filter({ hasText: "tags" })).toContainText("a, b");
  const raw = await page.locator("pre").innerText();
  expect(JSON.parse(raw)).toMatchObject({
    ...sent,
    seq: number,
    source: producer.source,
    actor: { ...sent.actor, email: { sealed: "email" } },
    details: { ...sent.details, password: "***" },
  });
});

test("a secret that was sent stands nowhere", async ({ page, producer }) => {
  const [number] = await producer.send(rich(unique("amy")));
  const answer = await page.goto(`/events/${number}`);
  await expect(page.getByRole("region", { name: "Details" })).toContainText("***");
  expect(await answer?.text()).not.toContain("hunter2");
});

test("its neighbours are the next of the list that it was opened from", async ({ page, producer }) => {
  const { actor, numbers } = await three(producer);
  await page.goto(`/events/${numbers[1]}?q=actor:${actor}`);
  const trail = page.getByRole("navigation", { name: "Position" });
  await trail.getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(`/events/${numbers[2]}?q=actor:${actor}`);
  await expect(trail.getByRole("link", { name: "Newer" }), "there is none").toHaveCount(0);
  await trail.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(`/events/${numbers[1]}?q=actor:${actor}`);
  await trail.getByRole("link", { name: "Older" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${actor} did login`);
  await expect(trail.getByRole("link", { name: "Older" }), "there is none").toHaveCount(0);
});

test("a value of it leads to the list of its kind, and actor and resource to their timelines", async ({ page, producer }) => {
  const { actor, numbers } = await three(producer);
  await page.goto(`/events/${numbers[1]}`);
  const summary = page.getByRole("region", { name: "Summary" });
  await said(summary, "Actor").getByRole("link", { name: actor, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Events by ${actor}`);
  await expect(events(page)).toHaveCount(3);
  await page.goBack();
  await said(summary, "Actor").getByRole("link", { name: "Timeline", exact: true }).click();
  await expect(page).toHaveURL(`/actors/${actor}`);
  const [touching] = await producer.send(rich(actor));
  await page.goto(`/events/${touching}`);
  await said(summary, "Resource").getByRole("link", { name: "Timeline", exact: true }).click();
  await expect(page).toHaveURL("/resources/%2Fusers%2F77");
});

test("a clock that cannot be right is pointed out", async ({ page, producer }) => {
  const actor = unique("ahead");
  const [number] = await producer.send({ actor, action: "login", occurred_at: "2999-01-01T00:00:00Z" });
  await page.goto(`/events?q=actor:${actor}`);
  await expect(events(page).first()).toContainText("Clock skew");
  await page.goto(`/events/${number}`);
  const time = said(page.getByRole("region", { name: "Summary" }), "Time");
  await expect(time).toContainText("The producer’s clock cannot be right");
});

test("times are told in the zone of the view", async ({ page, producer }) => {
  const [number] = await producer.send({ actor: unique("amy"), action: "login", occurred_at: "2026-01-31T20:30:00.123Z" });
  await page.goto(`/events/${number}?tz=Asia/Tokyo`);
  const time = said(page.getByRole("region", { name: "Summary" }), "Time");
  await expect(time).toContainText("2026-02-01 05:30:00.123 UTC+09:00");
  await expect(time.getByRole("time")).toHaveAttribute("datetime", "2026-02-01T05:30:00.123+09:00");
});

test("the raw event is copied as it stands", { tag: "@islands" }, async ({ page, context, producer }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const sent = rich(unique("amy"));
  const [number] = await producer.send(sent);
  await page.goto(`/events/${number}`);
  await awake(page);
  await page.getByRole("button", { name: "Copy the raw event" }).click();
  await expect(page.getByRole("status")).toHaveText("Copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied)).toMatchObject({ id: sent.id, seq: number });
  expect(copied).toBe(await page.locator("pre").textContent());
});

test("an event leads to what happened around it: in its time, its session, its request", async ({ page, producer }) => {
  const [actor, session, request] = [unique("amy"), unique("s"), unique("r")];
  // At a time when no other test does anything.
  const one = (action: string, minutes: number, origin: object) => ({ actor, action, occurred_at: minutesAgo(5_000 + minutes), origin });
  const [, number] = await producer.send(
    // Some hours ago, where other tests' events do not fill the page.
    one("long.ago", 320, { session_id: session }),
    one("invoice.read", 303, { session_id: session, request_id: request }),
    one("log.write", 303, { request_id: request }),
    one("other", 302, {}),
  );
  const shown = async (way: string) => {
    await page.goto(`/events/${number}`);
    await page.getByRole("navigation", { name: "Around this event" }).getByRole("link", { name: way }).click();
    return events(page).filter({ hasText: actor });
  };
  await expect(await shown("Its session")).toHaveCount(2);
  await expect(await shown("Its request")).toHaveCount(2);
  await expect(await shown("Five minutes around it")).toContainText(["other", "log.write", "invoice.read"]);
});

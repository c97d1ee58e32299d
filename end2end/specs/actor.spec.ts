import { answered, events, expect, said, test, type Producer } from "../fixtures.js";
import { daysAgo, minutesAgo, unique } from "../producer.js";

test.use({ as: "viewer" });

const BEFORE = daysAgo(4);
const AFTER = daysAgo(3);

/** Somebody with two days: a session that names itself, two that don't, and one the day after. */
async function amy(producer: Producer): Promise<string> {
  const id = unique("u");
  const did = (at: string, action: string, more: { ip?: string; session_id?: string; outcome?: string } = {}) => {
    const { outcome = "success", ...origin } = more;
    return { actor: { id, name: "Amy Bloggs" }, action, outcome, origin, occurred_at: `${at}:00Z` };
  };
  await producer.send(
    did(`${BEFORE}T09:00`, "login", { ip: "192.0.2.10", session_id: "s_morning" }),
    did(`${BEFORE}T09:10`, "user.update", { ip: "192.0.2.10", session_id: "s_morning" }),
    did(`${BEFORE}T15:00`, "user.update", { ip: "198.51.100.7" }),
    did(`${BEFORE}T15:20`, "user.update", { ip: "192.0.2.10", outcome: "denied" }),
    did(`${BEFORE}T18:00`, "logout"),
    did(`${AFTER}T10:00`, "login", { ip: "192.0.2.10", session_id: "s_next" }),
  );
  return id;
}

test("an actor at a glance: name, first and last seen, how many events", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Amy Bloggs");
  await expect(page.getByRole("main")).toContainText(id);
  // Before nine, the last of the four days isn't over.
  await expect(said(page, "First seen")).toContainText(new RegExp(`${BEFORE} 09:00:00\\.000 UTC [34] days ago`));
  await expect(said(page, "Last seen")).toContainText(`${AFTER} 10:00:00.000 UTC`);
  await said(page, "In all").getByRole("link", { name: "6 events" }).click();
  await expect(events(page)).toHaveCount(6);
});

test("the timeline goes by day and session, newest first", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}`);
  const timeline = page.getByRole("region", { name: "Timeline" });
  const days = timeline.getByRole("heading", { level: 3 });
  await expect(days).toHaveCount(2);
  await expect(days.first().getByRole("time")).toHaveAttribute("datetime", AFTER);
  await expect(days.last().getByRole("time")).toHaveAttribute("datetime", BEFORE);
  await expect(timeline.getByRole("listitem")).toHaveCount(6);
  const heads = timeline.getByRole("paragraph");
  await expect(heads).toHaveText([
    /^10:00\s*UTC\s*session s_next\s*1 event$/,
    /^18:00\s*UTC\s*no session named\s*1 event$/,
    /^15:00 – 15:20\s*UTC\s*no session named\s*2 events$/,
    /^09:00 – 09:10\s*UTC\s*session s_morning\s*2 events$/,
  ]);
  const sessions = timeline.getByRole("list");
  await expect(sessions.nth(2).getByRole("listitem").first()).toContainText("denied");
});

test("the busiest actions, addresses and outcomes are counted, each a way to its events", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}`);
  const figures = page.getByRole("complementary", { name: "Figures" });
  const bar = (value: string) => figures.getByRole("listitem").filter({ has: page.getByRole("link", { name: value, exact: true }) });
  for (const [value, count] of [["user.update", 3], ["login", 2], ["logout", 1], ["192.0.2.10", 4], ["198.51.100.7", 1], ["success", 5], ["denied", 1]] as const) {
    await expect(bar(value)).toHaveText(new RegExp(`^${value}\\s*${count}$`));
  }
  await bar("user.update").getByRole("link", { name: "user.update", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`user.update events by ${id}`);
  await expect(events(page)).toHaveCount(3);
});

test("what an actor touched and used is counted, too, and leads on", async ({ page, producer }) => {
  const id = unique("u");
  const resource = `/orders/${unique("o")}`;
  const used = (resource: string, user_agent: string) => ({ actor: id, action: "order.read", resource, origin: { user_agent } });
  await producer.send(...[1, 2, 3, 4, 5, 6].map((number) => used(`/orders/${number}`, "curl/8.14.1")), used(resource, "curl/8.14.1"), used(resource, "Firefox"));
  await page.goto(`/actors/${id}`);
  const figures = page.getByRole("complementary", { name: "Figures" });
  const bar = (value: string) => figures.getByRole("listitem").filter({ has: page.getByRole("link", { name: value, exact: true }) });
  await expect(bar("curl/8.14.1")).toHaveText(/^curl\/8\.14\.1\s*7$/);
  await expect(bar("Firefox")).toHaveText(/^Firefox\s*1$/);
  await expect(bar("/orders/6"), "folded away among the less busy").toBeHidden();
  await figures.getByText("2 more").click();
  await expect(bar("/orders/6")).toBeVisible();
  await bar(resource).getByRole("link", { name: resource, exact: true }).hover();
  await bar(resource).getByRole("link", { name: `Timeline of resource ${resource}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(resource);
});

test("a column of its days leads to that day", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}`);
  const columns = page.getByRole("figure").getByRole("link");
  await expect(columns).toHaveCount(2);
  await page.getByRole("figure").getByRole("link", { name: /: 5 events$/ }).click();
  await expect(events(page)).toHaveCount(5);
});

test("a step of the timeline leads to its event", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}`);
  await page.getByRole("region", { name: "Timeline" }).getByRole("link", { name: "18:00:00.000" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Amy Bloggs did logout");
});

test("the list leads to the timeline of whoever stands in it", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/events?q=actor:${id}`);
  const row = events(page).first();
  await row.getByRole("link", { name: `Amy Bloggs ${id}`, exact: true }).hover();
  await row.getByRole("link", { name: `Timeline of actor ${id}` }).click();
  await expect(page).toHaveURL(`/actors/${id}`);
});

test("a long timeline has pages", async ({ page, producer }) => {
  const id = unique("busy");
  const one = (_: unknown, index: number) => ({ actor: id, action: "order.update", resource: `/orders/${index + 1}`, occurred_at: minutesAgo(100 - index) });
  await producer.send(...Array.from({ length: 60 }, one));
  await page.goto(`/actors/${id}`);
  const steps = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
  await expect(steps).toHaveCount(50);
  await expect(said(page, "In all")).toHaveText("60 events");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(steps).toHaveCount(10);
  await expect(steps.first()).toContainText("/orders/10");
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(steps).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(page).toHaveURL(`/actors/${id}`);
});

test("times are told in the zone of the view", async ({ page, producer }) => {
  const id = await amy(producer);
  await page.goto(`/actors/${id}?tz=Asia/Tokyo`);
  await expect(said(page, "First seen")).toContainText(`${BEFORE} 18:00:00.000 UTC+09:00`);
  // Six in the evening by UTC is three at night of the next day in Tokyo.
  const timeline = page.getByRole("region", { name: "Timeline" });
  await expect(timeline.getByRole("heading", { level: 3 })).toHaveCount(2);
  await expect(timeline.getByRole("paragraph").first()).toContainText("19:00");
});

for (const name of ["arn:aws:sts::1:assumed-role/ci", "a b%2Fc?d#e&f=g+h", "用户 \"1\"", "..", "a/../b"]) {
  test(`an actor called ${name} has a page like anybody`, async ({ page, producer }) => {
    const id = `${unique("x")}/${name}`;
    const [number] = await producer.send({ actor: id, action: "login" });
    await page.goto(`/events/${number}`);
    await page.getByRole("link", { name: "Timeline", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(id);
    await expect(said(page, "In all")).toHaveText("1 event");
  });
}

test("an actor that nobody has seen is not found", async ({ page, complaints }) => {
  complaints.push(answered(404));
  const answer = await page.goto(`/actors/${unique("nobody")}`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing here");
});

import { answered, events, expect, said, test, type Producer } from "../fixtures.js";
import { daysAgo, minutesAgo, unique } from "../producer.js";

test.use({ as: "viewer" });

const BEFORE = daysAgo(4);
const AFTER = daysAgo(3);

const AMY = { id: "u_amy", name: "Amy Bloggs" };

/** Where the page of a resource is. */
const at = (id: string) => `/resources/${encodeURIComponent(id)}`;

/** A thing of two days: created in a session that names itself, touched by two people, and deleted the day after. */
async function thing(producer: Producer): Promise<string> {
  const id = `/users/${unique("77")}`;
  const to = (when: string, actor: unknown, action: string, more: { ip?: string; session_id?: string; outcome?: string } = {}) => {
    const { outcome = "success", ...origin } = more;
    return { actor: actor as string, action, resource: { id, name: "Bob" }, outcome, origin, occurred_at: `${when}:00Z` };
  };
  await producer.send(
    to(`${BEFORE}T09:00`, AMY, "user.create", { ip: "192.0.2.10", session_id: "s_morning" }),
    to(`${BEFORE}T09:10`, AMY, "user.update", { ip: "192.0.2.10", session_id: "s_morning" }),
    to(`${BEFORE}T15:00`, "u_mallory", "user.update", { ip: "198.51.100.7", outcome: "denied" }),
    to(`${BEFORE}T15:20`, AMY, "user.update", { ip: "192.0.2.10" }),
    to(`${AFTER}T10:00`, { id: "svc_reaper", type: "service" }, "user.delete", { session_id: "s_next" }),
  );
  return id;
}

test("a resource at a glance: name, id and type, first and last seen, how many events", async ({ page, producer }) => {
  const id = await thing(producer);
  await page.goto(at(id));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Bob");
  await expect(page).toHaveTitle("Bob · Flightbox");
  await expect(page.getByRole("main")).toContainText(id);
  await expect(page.getByRole("main").getByText("users", { exact: true })).toBeVisible();
  // Before nine, the last of the four days isn't over.
  await expect(said(page, "First seen")).toContainText(new RegExp(`${BEFORE} 09:00:00\\.000 UTC [34] days ago`));
  await expect(said(page, "Last seen")).toContainText(`${AFTER} 10:00:00.000 UTC`);
  await said(page, "In all").getByRole("link", { name: "5 events" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Events on ${id}`);
  await expect(events(page)).toHaveCount(5);
});

test("its timeline tells by day and session who did what, newest first", async ({ page, producer }) => {
  await page.goto(at(await thing(producer)));
  const timeline = page.getByRole("region", { name: "Timeline" });
  const days = timeline.getByRole("heading", { level: 3 });
  await expect(days).toHaveCount(2);
  await expect(days.first().getByRole("time")).toHaveAttribute("datetime", AFTER);
  await expect(timeline.getByRole("paragraph")).toHaveText([
    /^10:00\s*UTC\s*session s_next\s*1 event$/,
    /^15:00 – 15:20\s*UTC\s*no session named\s*2 events$/,
    /^09:00 – 09:10\s*UTC\s*session s_morning\s*2 events$/,
  ]);
  await expect(timeline.getByRole("listitem")).toHaveText([
    /^10:00:00\.000\s*svc_reaper\s*service\s*user\.delete\s*success$/,
    /^15:20:00\.000\s*Amy Bloggs u_amy\s*user\.update\s*success\s*192\.0\.2\.10$/,
    /^15:00:00\.000\s*u_mallory\s*user\.update\s*denied\s*198\.51\.100\.7$/,
    /^09:10:00\.000\s*Amy Bloggs u_amy\s*user\.update\s*success\s*192\.0\.2\.10$/,
    /^09:00:00\.000\s*Amy Bloggs u_amy\s*user\.create\s*success\s*192\.0\.2\.10$/,
  ]);
});

test("the busiest actors, actions, addresses and outcomes are counted, each a way to its events", async ({ page, producer }) => {
  const id = await thing(producer);
  await page.goto(at(id));
  const figures = page.getByRole("complementary", { name: "Figures" });
  const bar = (value: string) => figures.getByRole("listitem").filter({ has: page.getByRole("link", { name: value, exact: true }) });
  for (const [value, count] of [["Amy Bloggs u_amy", 3], ["u_mallory", 1], ["user.update", 3], ["user.delete", 1], ["192.0.2.10", 3], ["success", 4], ["denied", 1]] as const) {
    await expect(bar(value)).toHaveText(new RegExp(`^${value}\\s*${count}$`));
  }
  await expect(bar("svc_reaper")).toHaveText(/^svc_reaper\s*service\s*1$/);
  await bar("Amy Bloggs u_amy").getByRole("link", { name: "Amy Bloggs u_amy", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Events by u_amy on ${id}`);
  await expect(events(page)).toHaveCount(3);
});

test("whoever touched it is a step away, as is each of its events and days", async ({ page, producer }) => {
  const id = await thing(producer);
  await page.goto(at(id));
  const figures = page.getByRole("complementary", { name: "Figures" });
  await figures.getByRole("link", { name: "u_mallory", exact: true }).hover();
  await figures.getByRole("link", { name: "Timeline of actor u_mallory" }).click();
  await expect(page).toHaveURL("/actors/u_mallory");
  await page.goto(at(id));
  await page.getByRole("region", { name: "Timeline" }).getByRole("link", { name: "15:00:00.000" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("u_mallory was denied user.update on Bob from 198.51.100.7");
  await page.goto(at(id));
  await page.getByRole("figure").getByRole("link", { name: /: 4 events$/ }).click();
  await expect(events(page)).toHaveCount(4);
});

test("the list leads to the timeline of whatever stands in it, in its zone", async ({ page, producer }) => {
  const id = await thing(producer);
  await page.goto(`/events?q=resource:${id}&tz=Asia/Tokyo`);
  const row = events(page).first();
  await row.getByRole("link", { name: id, exact: true }).hover();
  await row.getByRole("link", { name: `Timeline of resource ${id}` }).click();
  await expect(page).toHaveURL(`${at(id)}?tz=Asia/Tokyo`);
  await expect(said(page, "First seen")).toContainText(`${BEFORE} 18:00:00.000 UTC+09:00`);
});

test("a long timeline has pages", async ({ page, producer }) => {
  const id = `/orders/${unique("busy")}`;
  const one = (_: unknown, index: number) => ({ actor: `u_${index + 1}`, action: "order.update", resource: id, occurred_at: minutesAgo(100 - index) });
  await producer.send(...Array.from({ length: 60 }, one));
  await page.goto(at(id));
  const steps = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
  await expect(steps).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(steps).toHaveCount(10);
  await expect(steps.first()).toContainText("u_10");
  await said(page, "In all").getByRole("link", { name: "60 events" }).click();
  await expect(events(page).first(), "all of them, from the newest").toContainText("u_60");
  await page.goBack();
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(page).toHaveURL(at(id));
});

for (const name of ["users/77", "//twice", "a b%2Fc?d#e&f=g+h", "用户 \"1\"", "..", "a/../b/", "arn:aws:s3:::bucket/*", "x".repeat(900)]) {
  test(`a resource called ${name.slice(0, 30)} has a page like any`, async ({ page, producer }) => {
    const id = `/${unique("x")}/${name}`;
    const [number] = await producer.send({ actor: "u_amy", action: "login", resource: id });
    await page.goto(`/events/${number}`);
    await said(page, "Resource").getByRole("link", { name: "Timeline", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(id);
    await expect(said(page, "In all")).toHaveText("1 event");
  });
}

test("a name is no id: what is merely called so has no page", async ({ page, producer, complaints }) => {
  const name = unique("Bob");
  await producer.send({ actor: { id: "u_amy", name }, action: "user.update", resource: { id: `/users/${name}`, name } });
  complaints.push(answered(404));
  const answer = await page.goto(at(name));
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing here");
  await expect(page.getByRole("main")).toContainText(`There is no resource “${name}”, or it is outside of the sources that you may see.`);
});

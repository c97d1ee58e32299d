// What holds on every page alike.

import { answered, events, expect, test, type Producer } from "../fixtures.js";
import { daysAgo, unique } from "../producer.js";

test.use({ as: "viewer" });

/** Somebody whose every value is as long as a value can be, and who did one thing of each outcome. */
async function long(producer: Producer): Promise<{ actor: string; resource: string; number: number | undefined }> {
  const actor = `${unique("x")}-${"long".repeat(40)}`;
  const resource = `/${unique("r")}/${"r".repeat(900)}`;
  const words = "several words ".repeat(18);
  const one = (outcome: string, minute: number) => ({
    actor: { id: actor, name: words, type: "service", email: `${"e".repeat(200)}@example.org` },
    action: `${"a".repeat(60)}.${"b".repeat(60)}`,
    resource: { id: resource, type: "t".repeat(128), name: words },
    outcome,
    reason: "why".repeat(300),
    occurred_at: `${daysAgo(1)}T10:${10 + minute}:00Z`,
    origin: { ip: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", port: 65535, country: "Netherlands", user_agent: "u".repeat(2000), session_id: "s".repeat(256), request_id: "q".repeat(256) },
    http: { method: "PATCH", path: `/${"p".repeat(2000)}`, status: 200, duration_ms: 12.5 },
    changes: { ["c".repeat(200)]: { before: "d".repeat(500), after: words.repeat(5) } },
    details: { ["k".repeat(200)]: "v".repeat(1000), deep: { er: { still: [1, { more: "w".repeat(300) }] } } },
  });
  const numbers = await producer.send(...["success", "failure", "denied", "unknown"].map(one));
  return { actor, resource, number: numbers[0] };
}

type Place = [name: string, status: number, path: string | ((producer: Producer) => Promise<string>)];

const PLACES: Place[] = [
  ["the sign-in page", 200, "/sign-in?next=/events"],
  ["a spent setup link", 403, "/setup"],
  ["the overview", 200, "/"],
  ["the overview of long values", 200, async (producer) => (await long(producer), "/?from=-30d&tz=Europe/Berlin")],
  ["an overview whose window cannot be read", 400, `/?from=${"x".repeat(300)}`],
  ["the list", 200, "/events"],
  ["the list of a query", 200, "/events?q=outcome:denied,failure -action:login&from=-30d&tz=Europe/Berlin"],
  ["a live list", 200, "/events?live=1"],
  ["an empty live list", 200, `/events?q=actor:nobody-${"x".repeat(200)}&live=1`],
  ["a list that nobody counts", 200, "/events?counts=off"],
  ["the list of long values", 200, async (producer) => `/events?q=actor:${(await long(producer)).actor}`],
  ["the list with an event beside it", 200, "/events?event=0"],
  ["the list with an event of long values beside it", 200, async (producer) => {
    const { actor, number } = await long(producer);
    return `/events?q=actor:${actor}&event=${number}`;
  }],
  ["the list with an event beside it that there is none of", 200, "/events?event=999999999999"],
  ["an empty list", 200, `/events?q=actor:nobody-${"x".repeat(200)} outcome:denied&from=-1h`],
  ["a query that cannot be read", 400, `/events?q=actr:${"x".repeat(300)} outcome:denied`],
  ["a window that cannot be read", 400, `/events?from=${"x".repeat(300)}`],
  ["an event", 200, "/events/0"],
  ["an event of long values", 200, async (producer) => `/events/${(await long(producer)).number}`],
  ["an actor", 200, "/actors/u_1001"],
  ["an actor of long values", 200, async (producer) => `/actors/${(await long(producer)).actor}`],
  ["a resource", 200, "/resources/%2Fsession"],
  ["a resource of long values", 200, async (producer) => `/resources/${encodeURIComponent((await long(producer)).resource)}`],
  ["the log's integrity", 200, "/integrity"],
  ["the help page", 200, "/help"],
  ["saved views", 200, "/views"],
  ["one's own account", 200, "/account"],
  ["read tokens", 200, "/tokens"],
  ["the people, to somebody who isn't an admin", 403, "/people"],
  ["the sources, to somebody who isn't an admin", 403, "/sources"],
  ["evidence of long values", 200, async (producer) => `/export/evidence?q=actor:${(await long(producer)).actor}`],
  ["an export with sealed values, to somebody who isn't an investigator", 403, "/export/sealed?format=csv"],
  ["the approvals, to somebody who isn't an investigator", 403, "/approvals"],
  ["second factors", 200, "/account/factors"],
  ["a second factor whose name cannot be one", 422, `/account/factors?do=add&kind=totp&name=${"x".repeat(300)}`],
  ["what is to be confirmed", 200, "/confirm?for=reveal&next=/events"],
  ["no such page", 404, `/nowhere/${"x".repeat(300)}`],
  ["no such event", 404, "/events/999999999999"],
];

for (const [name, status, path] of PLACES) {
  test(`${name}: axe finds nothing serious, light or dark, wide or narrow`, { tag: "@islands" }, async ({ page, producer, complaints, accessible }) => {
    test.slow();
    if (status >= 400) complaints.push(answered(status));
    const answer = await page.goto(typeof path === "string" ? path : await path(producer));
    expect(answer?.status()).toBe(status);
    await accessible();
  });

  test(`${name}: nothing is cut off or scrolled sideways, down to 360 pixels`, async ({ page, producer, complaints }) => {
    if (status >= 400) complaints.push(answered(status));
    await page.goto(typeof path === "string" ? path : await path(producer));
    for (const width of [360, 768, 1024, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      await expect.poll(beyond, { message: `beyond ${width} pixels` }).toBe(0);
    }
  });
}

test("one heading says what a page is about, and its title too", async ({ page, complaints }) => {
  complaints.push(answered(400), answered(403), answered(404), answered(422));
  for (const [name, , path] of PLACES) {
    if (typeof path !== "string") continue;
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }), name).toHaveCount(1);
    await expect(page.getByRole("main"), name).toHaveCount(1);
    await expect(page, name).toHaveTitle(/\S/);
  }
});

test("the first Tab offers to skip to the content", async ({ page }) => {
  await page.goto("/events");
  await expect(events(page).first()).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
});

import { answerTo, answered, events, expect, queryBox, test, type Producer } from "../fixtures.js";
import { daysAgo, minutesAgo, unique } from "../producer.js";

test.use({ as: "viewer" });

/** Somebody with three events: a change, a refusal, and a refusal elsewhere. */
async function amy(producer: Producer): Promise<string> {
  const actor = unique("amy");
  await producer.send(
    { actor, action: "user.update", resource: "/users/77", occurred_at: minutesAgo(3), origin: { ip: "192.0.2.10" } },
    { actor, action: "secret.read", resource: "/secrets/prod", outcome: "denied", occurred_at: minutesAgo(2), origin: { ip: "192.0.2.10" } },
    { actor, action: "role.grant", resource: "/roles/admin", outcome: "denied", occurred_at: minutesAgo(1), origin: { ip: "198.51.100.7" } },
  );
  return actor;
}

test.describe("a query", () => {
  test("that is typed filters the list, says so in words, and stands in the URL", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto("/events");
    await queryBox(page).fill(`actor:${actor} outcome:denied`);
    await queryBox(page).press("Enter");
    await expect(page).toHaveURL(`/events?q=actor%3A${actor}+outcome%3Adenied`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Denied events by ${actor}`);
    await expect(page.getByText("2 events", { exact: true })).toBeVisible();
    await expect(events(page)).toHaveCount(2);
    await expect(events(page).first()).toContainText("role.grant");
    await expect(queryBox(page)).toHaveValue(`actor:${actor} outcome:denied`);
  });

  test("that is sent with the button is the same", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto("/events");
    await queryBox(page).fill(actor);
    // It is there for those who find it by its name: shown to others, it would take room from the query.
    await page.getByRole("button", { name: "Search" }).press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Events mentioning ${actor}`);
    await expect(events(page)).toHaveCount(3);
  });

  test("that finds nothing says which condition to leave out", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto(`/events?q=actor:${actor} outcome:failure&from=-1h`);
    await expect(page.getByRole("heading", { name: "No event matches" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("One condition less finds more:");
    await page.getByRole("link", { name: /^Without outcome:failure\s*3 events$/ }).click();
    await expect(events(page)).toHaveCount(3);
  });

  test("that cannot be read is kept, marked where it goes wrong, and put right in one click", async ({ page, producer, complaints }) => {
    complaints.push(answered(400));
    const actor = await amy(producer);
    const wrong = `outcome:denied actr:${actor}`;
    await page.goto("/events");
    await queryBox(page).fill(wrong);
    const answer = await answerTo(page, () => queryBox(page).press("Enter"));
    expect(answer.status()).toBe(400);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This query cannot be read");
    await expect(queryBox(page)).toHaveValue(wrong);
    await expect(queryBox(page)).toHaveAttribute("aria-invalid", "true");
    await expect(queryBox(page)).toHaveAccessibleDescription(/actr/);
    const mark = page.locator("mark");
    await expect(mark).toHaveText("actr");
    await expect(mark).toHaveCSS("text-decoration-line", "underline");

    await page.getByRole("link", { name: `outcome:denied actor:${actor}` }).click();
    await expect(events(page)).toHaveCount(2);
  });

  test("that cannot be read goes on in the same window once it can", async ({ page, complaints }) => {
    complaints.push(answered(400));
    await page.goto("/events?q=outcome:maybe&from=-24h&tz=Asia/Tokyo");
    await expect(page.locator("mark")).toHaveText("maybe");
    await queryBox(page).fill("outcome:denied");
    await queryBox(page).press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Denied events in the last 24 hours");
    expect(new URL(page.url()).searchParams.get("tz")).toBe("Asia/Tokyo");
  });
});

test.describe("a value", () => {
  test("that is clicked narrows the list to it", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await events(page).first().getByRole("link", { name: "denied", exact: true }).click();
    await expect(queryBox(page)).toHaveValue(`actor:${actor} outcome:denied`);
    await expect(events(page)).toHaveCount(2);
    await events(page).first().getByRole("link", { name: "198.51.100.7", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Denied events by ${actor} from 198.51.100.7`);
    await expect(events(page)).toHaveCount(1);
  });

  test("can be left out", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await events(page).first().getByRole("link", { name: "role.grant", exact: true }).hover();
    await events(page).first().getByRole("link", { name: "Without action role.grant" }).click();
    await expect(queryBox(page)).toHaveValue(`actor:${actor} -action:role.grant`);
    await expect(events(page)).toHaveCount(2);
    await expect(page.getByRole("main").getByRole("table")).not.toContainText("role.grant");
  });

  test("can be left out with the keyboard alone", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await events(page).first().getByRole("link", { name: "denied", exact: true }).focus();
    await page.keyboard.press("Tab");
    const without = events(page).first().getByRole("link", { name: "Without outcome denied" });
    await expect(without).toBeFocused();
    await expect(without).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(queryBox(page)).toHaveValue(`actor:${actor} -outcome:denied`);
    await expect(events(page)).toHaveCount(1);
  });

  test("that holds spaces, quotes and backslashes filters all the same", async ({ page, producer }) => {
    const actor = `${unique("CORP")}\\amy "the boss", sometimes`;
    await producer.send({ actor, action: "user.update" }, { actor, action: "user.delete" });
    await page.goto(`/events?q=action:user source:${producer.source}`);
    await events(page).first().getByRole("link", { name: actor, exact: true }).click();
    await expect(events(page)).toHaveCount(2);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(actor);
  });
});

test.describe("a chip", () => {
  test("takes its condition away, and all go at once", async ({ page, producer }) => {
    const actor = await amy(producer);
    await page.goto(`/events?q=actor:${actor} outcome:denied -action:role&from=-1h`);
    const chips = page.getByRole("list", { name: "Conditions" });
    await expect(events(page)).toHaveCount(1);
    await chips.getByRole("link", { name: "Remove not action role" }).click();
    await expect(events(page)).toHaveCount(2);
    await chips.getByRole("link", { name: "Remove outcome denied" }).click();
    await expect(events(page)).toHaveCount(3);
    await expect(queryBox(page)).toHaveValue(`actor:${actor}`);

    await page.goBack();
    await chips.getByRole("link", { name: "Clear all" }).click();
    await expect(queryBox(page)).toHaveValue("");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("All events in the last hour");
  });
});

test.describe("pages", () => {
  /** Somebody with 120 events, the newest called 120. */
  async function busy(producer: Producer): Promise<string> {
    const actor = unique("busy");
    const one = (_: unknown, index: number) => ({ actor, action: "order.update", resource: `/orders/${index + 1}`, occurred_at: minutesAgo(200 - index) });
    await producer.send(...Array.from({ length: 120 }, one));
    return actor;
  }

  test("lead to older events, back to newer ones, and to the newest", async ({ page, producer }) => {
    const actor = await busy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    const pages = page.getByRole("navigation", { name: "Pages" });
    const spans = async (newest: number, oldest: number) => {
      await expect(events(page)).toHaveCount(newest - oldest + 1);
      await expect(events(page).first().getByRole("link", { name: `/orders/${newest}`, exact: true })).toBeVisible();
      await expect(events(page).last().getByRole("link", { name: `/orders/${oldest}`, exact: true })).toBeVisible();
      await expect(page.getByText("120 events", { exact: true })).toBeVisible();
    };
    await spans(120, 71);
    await expect(pages.getByRole("link")).toHaveText(["Older"]);
    await pages.getByRole("link", { name: "Older" }).click();
    await spans(70, 21);
    await pages.getByRole("link", { name: "Older" }).click();
    await spans(20, 1);
    await expect(pages.getByRole("link")).toHaveText(["Newest", "Newer"]);
    await pages.getByRole("link", { name: "Newer" }).click();
    await spans(70, 21);
    await pages.getByRole("link", { name: "Newer" }).click();
    await spans(120, 71);
    await pages.getByRole("link", { name: "Older" }).click();
    await spans(70, 21);
    await pages.getByRole("link", { name: "Newest" }).click();
    await spans(120, 71);
    await expect(page).toHaveURL(`/events?q=actor:${actor}`);
  });

  test("don't move while events come in", async ({ page, producer }) => {
    const actor = await busy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await producer.send({ actor, action: "order.update", resource: "/orders/121" });
    const pages = page.getByRole("navigation", { name: "Pages" });
    await pages.getByRole("link", { name: "Older" }).click();
    await expect(events(page).first()).toContainText("/orders/70");
    await pages.getByRole("link", { name: "Newest" }).click();
    await expect(events(page).first()).toContainText("/orders/121");
  });

  test("belong to one search: a link that was altered has lost its place", async ({ page, producer, complaints }) => {
    complaints.push(answered(400));
    const actor = await busy(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await page.getByRole("link", { name: "Older" }).click();
    await expect(events(page).first()).toContainText("/orders/70");
    const answer = await page.goto(page.url().replace(actor, "alice"));
    expect(answer?.status()).toBe(400);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page link has lost its place");
  });
});

test.describe("the window", () => {
  /** Somebody with an event a moment ago, three hours ago, and three, ten and forty days ago. */
  async function regular(producer: Producer): Promise<string> {
    const actor = unique("regular");
    const hour = 60;
    const times = [1, 3 * hour, 3 * 24 * hour, 10 * 24 * hour, 40 * 24 * hour];
    await producer.send(...times.map((minutes) => ({ actor, action: "login", occurred_at: minutesAgo(minutes) })));
    return actor;
  }

  test("is chosen by its name", async ({ page, producer }) => {
    const actor = await regular(producer);
    await page.goto(`/events?q=actor:${actor}`);
    await expect(events(page)).toHaveCount(5);
    for (const [name, count] of [["Last hour", 1], ["Last 24 hours", 2], ["Last 7 days", 3], ["Last 30 days", 4], ["All time", 5]] as const) {
      await page.locator(".when summary").click();
      await page.getByRole("link", { name, exact: true }).click();
      await expect(page.locator(".when summary")).toContainText(name);
      await expect(events(page)).toHaveCount(count);
      await expect(queryBox(page)).toHaveValue(`actor:${actor}`);
    }
  });

  test("moves earlier and later by its own length", async ({ page, producer }) => {
    const actor = await regular(producer);
    await page.goto(`/events?q=actor:${actor}&from=-7d`);
    await expect(events(page)).toHaveCount(3);
    await expect(page.getByRole("link", { name: "Later window" })).toHaveCount(0);
    await page.getByRole("link", { name: "Earlier window" }).click();
    await expect(events(page), "that of ten days ago").toHaveCount(1);
    await page.getByRole("link", { name: "Later window" }).click();
    await expect(events(page)).toHaveCount(3);
  });

  test("is typed, in a zone of one's own", async ({ page, producer }) => {
    const actor = unique("tokyo");
    const day = daysAgo(5);
    const at = (time: string) => ({ actor, action: "login", resource: `/at/${time}`, occurred_at: `${day}T${time}:00+09:00` });
    await producer.send(at("09:29"), at("09:30"), at("17:59"), at("18:00"));
    await page.goto(`/events?q=actor:${actor}`);
    await page.locator(".when summary").click();
    await page.getByLabel("From").fill(`${day} 09:30`);
    await page.getByLabel("Until").fill(`${day} 18:00`);
    await page.getByLabel("Zone").fill("asia/tokyo");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(events(page), "the start is inside, the end is not").toHaveCount(2);
    await expect(events(page).first().getByRole("cell").first()).toContainText("17:59:00");
    await expect(events(page).last().getByRole("cell").first()).toContainText("09:30:00");
    await expect(page.getByRole("table")).toContainText("UTC+09:00");
    await expect(page.locator(".when summary")).toContainText("UTC+09:00");
  });

  test("names zones with their offsets", async ({ page }) => {
    await page.goto("/events");
    const zone = (name: string) => page.locator(`#zones option[value="${name}"]`);
    await expect(zone("Asia/Tokyo")).toHaveText("Asia/Tokyo, UTC+09:00");
    await expect(zone("UTC")).toHaveText("UTC");
    await page.goto("/events?from=2026-06-01&to=2026-07-01");
    await expect(zone("Europe/Berlin"), "in summer").toHaveText("Europe/Berlin, UTC+02:00");
  });

  test("that cannot be read is kept, with what would do", async ({ page, complaints }) => {
    complaints.push(answered(400));
    await page.goto("/events?q=outcome:denied");
    await page.locator(".when summary").click();
    await page.getByLabel("From").fill("soon");
    const answer = await answerTo(page, () => page.getByRole("button", { name: "Show" }).click());
    expect(answer.status()).toBe(400);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This window cannot be read");
    await expect(page.getByLabel("From")).toBeVisible();
    await expect(page.getByLabel("From")).toHaveValue("soon");
    await expect(page.getByLabel("From")).toHaveAccessibleDescription(/"soon" is no time/);
    await page.getByLabel("From").fill("-24h");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Denied events in the last 24 hours");
  });
});

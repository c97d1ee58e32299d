// Values that would like to be more than text. Whatever a producer sends is shown, and does nothing:
// the watch in every test hears a dialog, a request elsewhere, and a script that the policy stopped.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { answered, events, expect, queryBox, said, test } from "../fixtures.js";
import { unique } from "../producer.js";

test.use({ as: "viewer" });

const MARKUP = [
  `<script data-hostile>alert(1)</script>`,
  `"><img data-hostile src=x onerror=alert(1)>`,
  `' autofocus onfocus=alert(1) data-hostile='`,
  `</title></textarea></style></script></pre><svg data-hostile onload=alert(1)>`,
  `javascript:alert(1)//<iframe data-hostile srcdoc="<script>alert(1)</script>">`,
  `&lt;b data-hostile&gt; &#x3c;i data-hostile&#x3e; <!-- ]]> {{7*7}} \${7*7}`,
];

/** Strings that broke other people's software: see blns/README.md. */
const NAUGHTY = JSON.parse(readFileSync(new URL("../blns/strings.json", import.meta.url), "utf8")) as string[];

/** What no page has: only text that was taken for markup could bring it there. */
const INJECTED = [
  "//*[@style or @srcdoc or @*[starts-with(name(), 'on')]]",
  "//*[self::iframe or self::object or self::embed or self::base or self::style or self::img or self::marquee]",
  "//script[not(@nonce)]",
  "//*[@href or @src or @action][starts-with(translate(normalize-space(concat(@href, @src, @action)), 'JAVSCRIPT', 'javscript'), 'javascript')]",
].join(" | ");

async function inert(page: Page, path: string) {
  await page.goto(path);
  await expect(page.locator(`xpath=${INJECTED}`), path).toHaveCount(0);
}

/** An event with that text in every field and key that takes one. */
function everywhere(text: string, actor: string) {
  return {
    id: actor,
    actor: { id: actor, name: text, email: text },
    action: text,
    resource: { id: text, type: text, name: text },
    reason: text,
    origin: { ip: text, country: text.slice(0, 64), user_agent: text, session_id: text, request_id: text },
    http: { method: text.slice(0, 32), path: text },
    changes: { [text]: { before: text, after: text } },
    details: { [text]: text, inner: { [text]: [text, { [text]: text }] } },
  };
}

for (const text of MARKUP) {
  test(`A9: is text and nothing else: ${text}`, async ({ page, producer }) => {
    const actor = `${unique("x")} ${text}`;
    const [number] = await producer.send(everywhere(text, actor));
    const inert = async () => {
      await expect(page.getByRole("main")).toContainText(text);
      await expect(page.locator("[data-hostile]")).toHaveCount(0);
    };
    await page.goto(`/events/${number}`);
    await inert();
    await expect(page).toHaveTitle(new RegExp(`· event ${number} · Flightbox$`));
    expect(await page.title()).toContain(text);
    await expect(page.getByRole("region", { name: "Changes" })).toContainText(text);
    await expect(page.getByRole("region", { name: "Details" })).toContainText(text);

    for (const [who, path] of [["Actor", /\/actors\//], ["Resource", /\/resources\//]] as const) {
      await said(page, who).getByRole("link", { name: "Timeline", exact: true }).click();
      await expect(page).toHaveURL(path);
      await inert();
      await page.goBack();
    }

    await page.goto(`/events?q=source:${producer.source}`);
    await events(page).getByRole("link", { name: actor }).first().click();
    await inert();
    await expect(events(page)).toHaveCount(1);
    await expect(queryBox(page)).toHaveValue(/^source:/);
    await expect(page.getByRole("list", { name: "Conditions" })).toContainText("data-hostile");
  });
}

test("A9: is text in a query that cannot be read, in an address, and at the door", async ({ page, complaints }) => {
  test.slow();
  complaints.push(answered(400), answered(404));
  for (const text of MARKUP) {
    const escaped = encodeURIComponent(text);
    for (const path of [`/events?q=(${escaped}`, `/events?from=${escaped}`, `/events?tz=${escaped}`, `/events/${escaped}`, `/actors/${escaped}`, `/resources/${escaped}`, `/nowhere/${escaped}`, `/sign-in?next=/${escaped}`]) {
      await page.goto(path);
      await expect(page.getByRole("main"), path).toBeVisible();
      await expect(page.locator("[data-hostile]"), path).toHaveCount(0);
    }
  }
});

test("G3: what turns text round or hides in it is marked, and turns nothing round", async ({ page, producer }) => {
  const id = unique("invoice");
  const name = "al\u202Eecila\u202C\u200B\u2066x\u2069\u0007";
  const [number] = await producer.send({ actor: { id, name }, action: "login", resource: "a\nb\tc\u001b[31m", details: { "k\u202Ey": "v\uFEFF" } });
  for (const path of [`/events?q=actor:${id}`, `/events/${number}`, `/actors/${id}`]) {
    await page.goto(path);
    const main = page.getByRole("main");
    await expect(main.getByTitle("U+202E a character that turns the direction of text").first(), path).toHaveText("RLO");
    await expect(main.getByTitle("U+200B an invisible character").first(), path).toHaveText("ZWSP");
    await expect(main.getByTitle("U+0007 a control character").first(), path).toHaveText("U+0007");
    await expect(main.getByTitle("U+001B a control character").first(), path).toBeVisible();
    expect(await main.innerText(), path).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u0007\u001b\uFEFF]/);
  }
});

test("G3: what turns text round doesn't do so in a page's title either", async ({ page, producer }) => {
  const id = unique("invoice");
  const [number] = await producer.send({ actor: { id, name: "al\u202Eecila" }, action: "login" });
  for (const path of [`/events/${number}`, `/actors/${id}`]) {
    await page.goto(path);
    expect(await page.title(), path).not.toContain("\u202E");
  }
});

test("A9: nothing of a corpus of naughty strings becomes more than text, whatever page it stands on", async ({ page, producer, complaints }) => {
  test.setTimeout(240_000);
  complaints.push(answered(400), answered(404), answered(422));
  const sent = NAUGHTY.map((text) => everywhere(text.slice(0, 100), `${unique("x")} ${text.slice(0, 100)}`));
  const numbers = await producer.send(...sent);
  await inert(page, `/events?q=source:${producer.source}&cols=actor,action,resource,ip,reason,path,session,agent`);
  await inert(page, `/?from=-1h`);
  for (const [at, event] of sent.entries()) {
    const escaped = encodeURIComponent(event.action);
    await inert(page, `/events/${numbers[at]}`);
    if (at % 3) continue;
    await inert(page, `/events?q=source:${producer.source}&event=${numbers[at]}`);
    await inert(page, `/actors/${encodeURIComponent(event.actor.id)}`);
    await inert(page, `/resources/${escaped}`);
    await inert(page, `/events?q=${escaped}`);
  }
});

test.describe("to an investigator", () => {
  test.use({ as: "investigator" });

  test("A9: what others searched for is text in the record of access, too", async ({ page, complaints }) => {
    complaints.push(answered(400), answered(422));
    for (const text of [...MARKUP, ...NAUGHTY.filter((_, at) => at % 9 === 0)]) {
      const quoted = `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
      await page.goto(`/events?q=${encodeURIComponent(quoted)}`);
    }
    await inert(page, "/access?q=action:events.search");
    await expect(page.getByRole("main")).toContainText("data-hostile");
    await inert(page, `/access?q=${encodeURIComponent('"<img data-hostile"')}`);
  });
});

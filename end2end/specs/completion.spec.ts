// The query box offers how the query that is being written could go on.

import { awake, events, expect, queryBox, test, type Producer } from "../fixtures.js";
import { unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";

test.use({ as: "viewer" });

/** The choices that show. */
function choices(page: Page): Locator {
  return page.getByRole("listbox", { name: "Completions" }).getByRole("option");
}

/** What each of them writes. */
function labels(page: Page): Locator {
  return choices(page).locator("bdi");
}

async function opened(page: Page, path = "/events"): Promise<Locator> {
  await page.goto(path);
  await awake(page);
  const box = queryBox(page);
  await expect(box).toHaveRole("combobox");
  return box;
}

/** Two people whose names start alike, the first with two events; what they start with. */
async function alike(producer: Producer): Promise<string> {
  const start = unique("al");
  const one = (name: string) => ({ actor: `${start} ${name}`, action: "login" });
  await producer.send(one("ice"), one("ice"), one("an"));
  return start;
}

test.describe("completion", { tag: "@islands" }, () => {
  test("takes a query from key to value by keyboard alone", async ({ page, producer }) => {
    const start = await alike(producer);
    const box = await opened(page);
    await page.keyboard.press("/");
    await expect(box).toBeFocused();
    await expect(box).toHaveAttribute("aria-expanded", "false");
    await box.pressSequentially("act");
    await expect(labels(page)).toHaveText(["actor:", "actor.type:", "action:"]);
    await expect(choices(page).first()).toContainText("Who did it, by id or display name.");
    await expect(box).toHaveAttribute("aria-expanded", "true");
    await expect(box, "nothing is chosen yet").not.toHaveAttribute("aria-activedescendant");

    await box.press("ArrowDown");
    await expect(choices(page).first()).toHaveAttribute("aria-selected", "true");
    await expect(box).toHaveAttribute("aria-activedescendant", (await choices(page).first().getAttribute("id")) ?? "none");
    await box.press("ArrowUp");
    await expect(choices(page).last(), "up from the first is the last").toHaveAttribute("aria-selected", "true");
    await box.press("ArrowDown");
    await box.press("Enter");
    await expect(box).toHaveValue("actor:");
    await expect(labels(page).first(), "behind a key its values follow").toBeVisible();

    await box.pressSequentially(start);
    await expect(labels(page)).toHaveText([`${start} ice`, `${start} an`]);
    await expect(choices(page).first().locator("small").last()).toHaveText("2");
    await box.press("ArrowDown");
    await box.press("Tab");
    await expect(box, "in quotes, for the space in it").toHaveValue(`actor:"${start} ice"`);
    await expect(box).toBeFocused();
    await expect(choices(page)).toHaveCount(0);
    await box.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Events by ${start} ice`);
    await expect(events(page)).toHaveCount(2);
  });

  test("takes what is pointed at, and leaves what stands around it", async ({ page, producer }) => {
    const start = await alike(producer);
    const box = await opened(page);
    await box.fill(`(actor:"${start}x" OR outcome:denied) -action:pay`);
    const caret = (at: number) => box.evaluate((field: HTMLInputElement, at) => field.setSelectionRange(at, at), at);
    await caret(`(actor:"${start}`.length);
    await box.press("ArrowDown");
    await labels(page).filter({ hasText: `${start} an` }).click();
    await expect(box).toHaveValue(`(actor:"${start} an" OR outcome:denied) -action:pay`);
    await expect(box).toBeFocused();
    await caret(`(actor:"${start} an" OR outcome:denied) -ac`.length);
    await box.press("ArrowDown");
    await labels(page).getByText("actor:", { exact: true }).click();
    await expect(box, "the colon is not there twice").toHaveValue(`(actor:"${start} an" OR outcome:denied) -actor:pay`);
  });

  test("goes into the details: a path behind the @, then its values", async ({ page, producer }) => {
    const name = unique("err");
    const one = (code: string) => ({ actor: "alice", action: "pay", details: { [name]: { code, password: "hunter22" } } });
    await producer.send(one("Denied"), one("Denied"), one("Too Far"));
    const box = await opened(page);
    await box.pressSequentially(`outcome:success @${name}`);
    await expect(labels(page)).toHaveText([`@${name}.code:`, `@${name}.password:`]);
    await expect(choices(page).first().locator("small").last()).toHaveText("3");
    await box.press("ArrowDown");
    await box.press("Enter");
    await expect(box).toHaveValue(`outcome:success @${name}.code:`);
    await expect(labels(page), "behind a path its values follow").toHaveText(["Denied", "Too Far"]);
    await box.press("ArrowDown");
    await box.press("ArrowDown");
    await box.press("Enter");
    await expect(box).toHaveValue(`outcome:success @${name}.code:"Too Far"`);
    await box.press("Enter");
    await expect(events(page)).toHaveCount(1);
    await box.fill(`@${name}.password:`);
    await box.press("End");
    await box.press("ArrowDown");
    await expect(labels(page), "nobody reads what is masked").toHaveCount(0);
  });

  test("is left with Esc, which keeps the text and the place", async ({ page }) => {
    const box = await opened(page);
    await box.pressSequentially("outcome:d");
    await expect(labels(page)).toHaveText(["denied"]);
    await box.press("ArrowDown");
    await box.press("Escape");
    await expect(choices(page)).toHaveCount(0);
    await expect(box).toHaveValue("outcome:d");
    await expect(box).toBeFocused();
    await expect(box).toHaveAttribute("aria-expanded", "false");
    await box.press("Escape");
    await expect(box, "the next one leaves the field").not.toBeFocused();
  });

  test("stays out of the way: Enter asks what was typed, Tab moves on", async ({ page }) => {
    const box = await opened(page);
    await box.pressSequentially("action");
    await expect(labels(page)).toHaveText(["action:"]);
    await box.press("Tab");
    await expect(box).not.toBeFocused();
    await expect(box).toHaveValue("action");
    await expect(choices(page)).toHaveCount(0);
    await box.focus();
    await box.press("End");
    await box.pressSequentially(" ");
    await box.press("Backspace");
    await expect(labels(page)).toHaveText(["action:"]);
    await box.press("Enter");
    await expect(page).toHaveURL("/events?q=action");
  });

  test("shows every key to whoever asks with an arrow, and to nobody else", async ({ page }) => {
    const box = await opened(page, "/events?q=outcome:denied");
    await box.press("End");
    const answered = page.waitForResponse(/\/pages\/completion/);
    await box.pressSequentially(" ");
    await answered;
    await expect(choices(page)).toHaveCount(0);
    await box.press("ArrowDown");
    await expect(choices(page)).toHaveCount(10);
  });

  test("believes the last answer alone", async ({ page }) => {
    // Holds one answer back until it is let go, and tells when whoever waited for it has it.
    await page.addInitScript(() => {
      const real = window.fetch.bind(window);
      const letGo = new Promise<void>((resolve) => document.addEventListener("let-go", () => resolve()));
      window.fetch = async (asked) => {
        const answer = await real(asked);
        if (!String(asked).includes("before=out&")) return answer;
        await letGo;
        const told = await answer.json();
        answer.json = async () => {
          setTimeout(() => document.dispatchEvent(new Event("heard")));
          return told;
        };
        return answer;
      };
    });
    const box = await opened(page);
    const late = page.waitForResponse(/before=out&/);
    await box.pressSequentially("out");
    await late;
    await box.pressSequentially("come:f");
    await expect(labels(page)).toHaveText(["failure"]);
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          document.addEventListener("heard", () => resolve());
          document.dispatchEvent(new Event("let-go"));
        }),
    );
    expect(await labels(page).allTextContents()).toEqual(["failure"]);
  });

  test("has nothing serious for axe to find while it is open", async ({ page, accessible }) => {
    test.slow();
    const box = await opened(page);
    await box.pressSequentially("action:");
    await expect(choices(page)).toHaveCount(10);
    await box.press("ArrowDown");
    await accessible();
  });
});

for (const [role, offered] of [["viewer", []], ["investigator", ["flightbox"]]] as const) {
  test.describe(`completion for a ${role}`, { tag: "@islands" }, () => {
    test.use({ as: role });

    test(`offers ${offered.length ? "the record of access" : "nothing of the record of access"}`, async ({ page }) => {
      const box = await opened(page);
      const answered = page.waitForResponse(/before=source%3Aflight&/);
      await box.pressSequentially("source:flight");
      await answered;
      await expect(labels(page)).toHaveText([...offered]);
      await box.fill("");
      const told = page.waitForResponse(/before=source%3Aflightbox%20action%3Asession&/);
      await box.pressSequentially("source:flightbox action:session");
      const choices = ((await (await told).json()) as { choices: { text: string }[] }).choices.map(({ text }) => text);
      expect(choices.includes("session.sign-in")).toBe(offered.length > 0);
    });
  });
}

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("the query box is a plain field", async ({ page }) => {
    await page.goto("/events");
    await expect(page.getByRole("textbox", { name: "Query" })).toBeVisible();
    await expect(page.getByRole("listbox")).toHaveCount(0);
  });
});

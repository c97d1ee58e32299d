// What every spec imports instead of @playwright/test: the same, with this server's address and
// people, and with a watch on everything that the browser complains about.

import { test as base, expect, type BrowserContextOptions, type Locator, type Page, type Response } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";
import { producer, type Producer } from "./producer.js";
import { demo, type Demo, type Person, type Role } from "./server.js";

interface Fixtures {
  /** Whose session the browser starts with; without one nobody is signed in. */
  as: Role | undefined;
  /** Whether that session is for this test alone: whoever confirms something changes its cookie. */
  alone: boolean;
  /** One person of each role. */
  people: Record<Role, Person>;
  /** Complaints that a test provokes on purpose, to be added to, such as a page that answers 404. */
  complaints: RegExp[];
  /** Fails unless axe finds nothing serious on the page, wide and narrow, light and dark. Runs with JavaScript only. */
  accessible: () => Promise<void>;
  watch: void;
}

interface WorkerFixtures {
  server: Demo;
  /** A source whose events no other worker sends. */
  producer: Producer;
  /** The cookies of somebody's session, which is begun once, or anew. */
  session: (role: Role, anew?: boolean) => Promise<BrowserContextOptions["storageState"]>;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [async ({}, use) => use(demo()), { scope: "worker" }],
  producer: [
    async ({ playwright, server }, use, { workerIndex }) =>
      use(await producer(playwright.request, server, `end2end-${workerIndex}`)),
    { scope: "worker" },
  ],
  session: [
    async ({ playwright, server }, use) => {
      const begin = async (role: Role) => {
        // As nobody, whoever the test is itself.
        const door = await playwright.request.newContext({ baseURL: server.url, storageState: { cookies: [], origins: [] } });
        const answer = await door.post("/sign-in", { form: { ...server.people[role] }, maxRedirects: 0 });
        expect(answer.status(), "signing in").toBe(303);
        const state = await door.storageState();
        await door.dispose();
        return state;
      };
      const sessions = new Map<Role, ReturnType<typeof begin>>();
      await use((role, anew = false) => {
        if (anew) return begin(role);
        const session = sessions.get(role) ?? begin(role);
        sessions.set(role, session);
        return session;
      });
    },
    { scope: "worker" },
  ],

  baseURL: async ({ server }, use) => use(server.url),
  people: async ({ server }, use) => use(server.people),
  as: [undefined, { option: true }],
  alone: [false, { option: true }],
  storageState: async ({ as, alone, session }, use) => use(as && (await session(as, alone))),
  complaints: async ({}, use) => use([]),

  // Automatic, hence in every test: an error on the console, an uncaught exception, a dialog, a
  // request that failed or went to anybody else, anything that the content security policy stopped
  // (which browsers report as an error on the console, also without JavaScript).
  watch: [
    async ({ context, complaints, javaScriptEnabled }, use) => {
      const heard: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") heard.push(`console: ${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => heard.push(`uncaught: ${error.error().stack ?? error.error().message}`));
      context.on("dialog", (dialog) => {
        heard.push(`dialog: ${dialog.message()}`);
        return dialog.dismiss();
      });
      context.on("request", (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (/^(http|ws)/.test(protocol) && hostname !== "localhost") heard.push(`elsewhere: ${request.url()}`);
      });
      context.on("requestfailed", (request) => {
        const why = request.failure()?.errorText;
        // Going on to another page ends what the last one was still loading. Where scripts are off,
        // none is loaded; what else the policy stops is told on the console, too.
        const expected = why === "net::ERR_ABORTED" || (why === "csp" && javaScriptEnabled === false);
        if (!expected) heard.push(`failed: ${request.url()} ${why}`);
      });
      await use();
      const unexpected = heard.filter((complaint) => !complaints.some((expected) => expected.test(complaint)));
      expect(unexpected, "the browser complained").toEqual([]);
    },
    { auto: true },
  ],

  accessible: async ({ page, javaScriptEnabled }, use) => {
    await use(async () => {
      // axe is itself a script. The page's HTML is the same with and without.
      if (javaScriptEnabled === false) return;
      const size = page.viewportSize();
      for (const colorScheme of ["light", "dark"] as const) {
        // Without motion, for a colour that is still on its way to the other scheme has no contrast of its own.
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const width of [size?.width ?? 1280, 390]) {
          await page.setViewportSize({ width, height: 800 });
          // The other scheme changes colours alone.
          const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
          expect(await serious(page, rules), `axe found, ${colorScheme} and ${width} wide`).toEqual([]);
        }
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
      if (size) await page.setViewportSize(size);
    });
  },
});

/** Of rows that are alike, axe looks at the first few: all of them take it ten seconds. */
const MORE_OF_THE_SAME = [".event:nth-child(n+6)", "tbody:nth-of-type(n+4)", ".day-of:nth-of-type(n+3)", ".session:nth-of-type(n+4)"];

async function serious(page: Page, rules?: string[]): Promise<string[]> {
  // No page has frames, or styles from elsewhere, which is what the slower way is for.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ preload: false, resultTypes: ["violations"] });
  if (rules) axe.withRules(rules);
  for (const repeated of MORE_OF_THE_SAME) axe.exclude(repeated);
  const { violations } = await axe.analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
}

/** What a browser says on its console when a page or a file is answered with this status. */
export function answered(status: number): RegExp {
  return new RegExp(`^console: Failed to load resource: the server responded with a status of ${status} `);
}

/** Does what loads a page; the answer that the page came with. */
export async function answerTo(page: Page, deed: () => Promise<unknown>): Promise<Response> {
  const loads = (answer: Response) => answer.request().isNavigationRequest() && !answer.headers()["location"];
  const [answer] = await Promise.all([page.waitForResponse(loads), deed()]);
  return answer;
}

/** Fills in the sign-in page and sends it. */
export async function signIn(page: Page, { name, password }: Person): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Confirms by password that it is still oneself, for what the page says. */
export async function confirm(page: Page, password: string, unlocks: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it is you");
  await expect(page.getByRole("main")).toContainText(`This unlocks ${unlocks}, within the next ten minutes.`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Confirm" }).click();
}

/** The field that a query is typed into. */
export function queryBox(page: Page): Locator {
  // A script makes it a combobox.
  return page.getByRole("textbox", { name: "Query" }).or(page.getByRole("combobox", { name: "Query" }));
}

/** The rows of the list that are events, newest first. */
export function events(page: Page): Locator {
  return page.getByRole("table", { name: "Events, newest first" }).locator("tr.event");
}

/** What a list of terms says of one of them. */
export function said(within: Page | Locator, term: string): Locator {
  return within.locator(`dt:text-is("${term}") + dd`);
}

/** Waits until the islands of a page inside are awake: only a script knows which theme is chosen. */
export async function awake(page: Page): Promise<void> {
  const theme = page.getByRole("group", { name: "Theme" });
  await expect(theme.getByRole("button", { pressed: true })).toBeVisible();
}

export { expect };
export type { Person, Producer, Role };

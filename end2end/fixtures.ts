// What every spec imports instead of @playwright/test: the same, with this server's address and
// people, and with a watch on everything that the browser complains about.

import { test as base, expect } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";
import { demo, type Person, type Role } from "./server.js";

interface Fixtures {
  /** One person of each role. */
  people: Record<Role, Person>;
  /** Complaints that a test provokes on purpose, such as a page that answers 404. */
  complaints: RegExp[];
  /** Fails unless axe finds nothing serious on the page. Runs with JavaScript only. */
  accessible: () => Promise<void>;
  watch: void;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => use(demo().url),
  people: async ({}, use) => use(demo().people),
  complaints: [[], { option: true }],

  // Automatic, hence in every test: an error on the console, an uncaught exception, a request that
  // failed, anything that the content security policy stopped (which browsers report as an error
  // on the console, also without JavaScript).
  watch: [
    async ({ context, complaints }, use) => {
      const heard: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") heard.push(`console: ${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => heard.push(`uncaught: ${error.error().stack ?? error.error().message}`));
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
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      const told = serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
      expect(told, "axe found").toEqual([]);
    });
  },
});

export { expect };
export type { Person, Role };

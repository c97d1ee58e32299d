// The list, opened in a browser that has never been here.

import { awake, expect, test } from "../fixtures.js";

test.use({ as: "viewer" });

test("weighs at most 150 KB on the wire, in one style sheet and one module", { tag: "@islands" }, async ({ page }) => {
  const answers: Promise<[string, number]>[] = [];
  page.on("response", (answer) => {
    // A stream goes on for as long as the page is open, and weighs what comes.
    if (answer.headers()["content-type"] === "text/event-stream") return;
    const weigh = async (): Promise<[string, number]> => {
      const { responseBodySize, responseHeadersSize } = await answer.request().sizes();
      return [new URL(answer.url()).pathname, responseBodySize + responseHeadersSize];
    };
    answers.push(weigh());
  });
  await page.goto("/events");
  await awake(page);
  const weights = await Promise.all(answers);
  const total = weights.reduce((sum, [, bytes]) => sum + bytes, 0);
  test.info().annotations.push({ type: "weight", description: `${total} bytes: ${JSON.stringify(weights)}` });
  expect(total).toBeLessThanOrEqual(150_000);
  expect(weights.filter(([path]) => path.endsWith(".css"))).toHaveLength(1);
  expect(weights.filter(([path]) => path.endsWith(".wasm"))).toHaveLength(1);
});

test("doesn't shift while the page wakes up", { tag: "@islands" }, async ({ page }) => {
  await page.goto("/events");
  await awake(page);
  const shifts = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        type Shift = PerformanceEntry & { sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[] };
        // One line a shift, also where the browser names no source of it.
        const told = ({ sources }: Shift) =>
          `moved: ${sources.map(({ node, previousRect, currentRect }) => [node?.nodeName, JSON.stringify(previousRect), JSON.stringify(currentRect)].join(" ")).join(", ")}`;
        const observer = new PerformanceObserver((list) => resolve((list.getEntries() as Shift[]).map(told)));
        // Those of the past come at once; a paint of our own tells that there were none.
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
      }),
  );
  expect(shifts).toEqual([]);
});

import { expect, test } from "../fixtures.js";

test("the sign-in page stands, with its style", async ({ page, accessible }) => {
  const sheet = page.waitForResponse(/\/pkg\/.*\.css$/);
  const answer = await page.goto("/sign-in");
  expect(answer?.status()).toBe(200);
  await expect(page.locator("input[type=password]")).toBeVisible();
  expect((await sheet).status()).toBe(200);
  await accessible();
});

test("its islands start @islands", async ({ page }) => {
  const wasm = page.waitForResponse(/\/pkg\/.*_bg\.wasm$/);
  await page.goto("/sign-in");
  const answer = await wasm;
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-encoding"]).toBe("br");
  // Once the module runs, every island on the page has been handed to it.
  await page.waitForFunction(() => "__hydrateIsland" in window);
});

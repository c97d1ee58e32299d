// What nobody foresaw: the page says so and nothing about the inside.

import { open } from "node:fs/promises";
import { join } from "node:path";
import { answered, expect, test } from "../fixtures.js";
import { fresh } from "../server.js";

/** Overwrites a file from so many bytes on; its size stays. */
async function spoil(path: string, from: number): Promise<void> {
  const file = await open(path, "r+");
  const { size } = await file.stat();
  const rest = Math.max(size - from, 0);
  await file.write(Buffer.alloc(rest, 0x55), 0, rest, from);
  await file.close();
}

test("a database that cannot be read any more is told as a fault, with an id for the log", async ({ page, complaints, accessible }) => {
  complaints.push(answered(500));
  const own = await fresh();
  try {
    await page.goto(own.setup);
    await page.getByLabel("Name").fill("root");
    await page.getByLabel("Password", { exact: true }).fill("a good password");
    await page.getByLabel("Password, once more").fill("a good password");
    await page.getByRole("button", { name: "Create the administrator" }).click();
    await expect(page).toHaveURL(`${own.url}/events`);

    // The log's pages, and what would tell a connection that the pages it remembers still hold.
    await Promise.all(["flightbox.db", "flightbox.db-wal"].map((file) => spoil(join(own.data, file), 8192)));
    await spoil(join(own.data, "flightbox.db-shm"), 0);
    const answer = await page.goto(`${own.url}/events`);
    expect(answer?.status()).toBe(500);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Something broke on our side");
    await expect(page.getByRole("main")).toContainText(/under [0-9a-f]{11,12}\./);
    expect(await page.content()).not.toMatch(/sqlite|malformed|database disk/i);
    await accessible();
  } finally {
    await own.stop();
  }
});

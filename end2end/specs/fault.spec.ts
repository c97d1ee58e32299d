// What nobody foresaw: the page says so and nothing about the inside.

import { open } from "node:fs/promises";
import { join } from "node:path";
import { answered, expect, test } from "../fixtures.js";
import { command, fresh } from "../server.js";

/** Overwrites a file from its second page on; its size stays. */
async function spoil(path: string): Promise<void> {
  const file = await open(path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(Math.max(size - 8192, 0), 0x55), 0, undefined, 8192);
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

    await Promise.all(["flightbox.db", "flightbox.db-wal"].map((file) => spoil(join(own.data, file))));
    // Whatever is written makes readers let go of what they remember.
    await command(own.data, ["source", "add", "web"]).catch(() => "");
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

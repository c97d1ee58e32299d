// Files of other systems, dropped on the page of a source: looked at, imported, cancelled.

import { answerTo, answered, awake, expect, said, test } from "../fixtures.js";
import { unique } from "../producer.js";
import type { Locator, Page } from "@playwright/test";
import { gzipSync } from "node:zlib";

test.use({ as: "admin", alone: true });

/** Records of CloudTrail's whose ids nobody else has. */
function lines(count: number): string {
  const trail = unique("t");
  const record = (at: number) => ({
    eventVersion: "1.08",
    userIdentity: { type: "IAMUser", userName: "ann" },
    sourceIPAddress: "81.2.69.142",
    eventSource: "s3.amazonaws.com",
    eventName: at === 1 ? "DeleteBucket" : "GetObject",
    eventID: `${trail}-${at}`,
    eventTime: "2026-07-10T11:42:18Z",
    ...(at === 1 ? { errorCode: "AccessDenied" } : {}),
  });
  return Array.from({ length: count }, (_, at) => `${JSON.stringify(record(at))}\n`).join("");
}

function file(name: string, text: string, packed = false): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "", buffer: packed ? gzipSync(text) : Buffer.from(text) };
}

/** A source of its own, and the page that imports into it. */
async function source(page: Page): Promise<string> {
  const name = unique("aws");
  await page.goto("/sources");
  const form = page.getByRole("region", { name: "Add a source" });
  await form.getByLabel("Name").fill(name);
  await answerTo(page, () => form.getByRole("button", { name: "Add the source" }).click());
  await page.goto(`/sources/${name}`);
  await page.getByRole("link", { name: "Import files" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Import into ${name}`);
  return name;
}

async function stored(page: Page, name: string): Promise<string> {
  const other = await page.context().newPage();
  await other.goto(`/sources/${name}`);
  const count = await said(other, "Events").textContent();
  await other.close();
  return count?.trim() ?? "";
}

const files = (page: Page) => page.getByLabel("Choose files");
const last = (page: Page): Locator => page.getByRole("region", { name: "The last import" });

/** Chooses files and sees what they would be read as. Without a script that takes a button. */
async function choose(page: Page, chosen: Parameters<Locator["setInputFiles"]>[0], scripts: boolean): Promise<void> {
  if (scripts) await awake(page);
  await files(page).setInputFiles(chosen);
  if (!scripts) await page.getByRole("button", { name: "Preview" }).click();
}

test("files are seen before anything is stored, imported, and their events one click away", async ({ page, javaScriptEnabled, accessible }) => {
  test.slow();
  const name = await source(page);
  await accessible();
  const scripts = javaScriptEnabled !== false;
  const chosen = [file("trail.json.gz", lines(3), true), file("bad.jsonl", `${lines(2)}{"eventVersion":\n`)];
  await choose(page, chosen, scripts);
  const seen = page.getByRole("region", { name: "Preview of trail.json.gz" });
  await expect(seen).toContainText("AWS CloudTrail");
  await expect(seen.getByRole("row").nth(2)).toContainText(/2026-07-10 11:42:18\s*ann\s*DeleteBucket\s*s3.amazonaws.com\s*denied\s*81.2.69.142/);
  await expect(page.getByRole("region", { name: "Preview of bad.jsonl" })).toContainText("Record 3, line 3: expected JSON");
  await expect(page.getByText("Nothing is stored yet.")).toBeVisible();
  expect(await stored(page, name)).toBe("0 events");
  await accessible();

  if (!scripts) await files(page).setInputFiles(chosen);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page).getByRole("status")).toHaveText("Imported");
  await expect(last(page)).toContainText("5 events are in the log now");
  await expect(last(page)).toContainText("bad.jsonl, record 3, line 3: expected JSON");
  await expect(last(page)).toContainText("not JSON 1");
  await expect(page.getByText("Nothing is stored yet.")).toHaveCount(0);
  await accessible();
  await expect(last(page).getByRole("link", { name: "1", exact: true })).toHaveAttribute("href", `/sources/${name}/quarantine`);
  await last(page).getByRole("link", { name: "Browse the events" }).click();
  await expect(page).toHaveURL(/\/events\?/);
  await expect(page.locator("tr.event")).toHaveCount(5);
});

test("what is of no format for certain is refused with the two nearest, and naming one helps", async ({ page, javaScriptEnabled, complaints, accessible }) => {
  complaints.push(answered(422));
  await source(page);
  const scripts = javaScriptEnabled !== false;
  const unsure = file("unsure.json", '{"time":"2026-07-10T11:42:18Z","operationName":"X","request":{"id":"1"}}');
  await choose(page, unsure, scripts);
  const refused = page.getByRole("region", { name: "Preview of unsure.json" });
  await expect(refused).toContainText("It is of no format for certain.");
  await expect(refused.getByRole("listitem")).toHaveText(["Microsoft Entra and Azure activity", "HashiCorp Vault audit device"]);
  await accessible();
  if (!scripts) await files(page).setInputFiles(unsure);
  await page.getByLabel("Format").selectOption("Microsoft Entra and Azure activity");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page)).toContainText("1 event is in the log now");
});

test("files are dropped anywhere on the page", { tag: "@islands" }, async ({ page }) => {
  await source(page);
  await awake(page);
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.jsonl"));
    return transfer;
  }, lines(12));
  const heading = page.getByRole("heading", { level: 1 });
  await heading.dispatchEvent("dragover", { dataTransfer: dropped });
  await expect(page.locator("form[data-over]")).toBeVisible();
  await heading.dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.locator("form[data-over]")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Preview of dropped.jsonl" }).getByRole("row")).toHaveCount(11);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page)).toContainText("12 events are in the log now");
});

test("an import shows how far it is, and cancelled says exactly what it stored", { tag: "@islands" }, async ({ page, complaints, accessible }) => {
  test.slow();
  complaints.push(/ERR_ABORTED/);
  const name = await source(page);
  await awake(page);
  await files(page).setInputFiles(file("long.jsonl", lines(12_000)));
  await expect(page.getByText("Nothing is stored yet.")).toBeVisible();
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  await browser.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 300 << 10 });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page).getByRole("status")).toHaveText("Importing");
  await expect(page.getByText("Nothing is stored yet.")).toHaveCount(0);
  await expect(last(page).getByRole("progressbar")).toBeVisible();
  await expect(last(page)).toContainText(/ of 2\.\d MiB · [1-9][\d,]* records · \d+ seconds? left/);
  await accessible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(last(page).getByRole("status")).toHaveText("Cancelled");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeEnabled();
  const count = await last(page).getByRole("definition").first().textContent();
  expect(count).toMatch(/^[1-9][\d,]*$/);
  expect(await stored(page, name)).toBe(`${count} events`);
  await accessible();

  await browser.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page).getByRole("status")).toHaveText("Imported", { timeout: 60_000 });
  expect(await stored(page, name)).toBe("12,000 events");
});

test("what is refused is said before much is sent, and that somebody cannot be reached", { tag: "@islands" }, async ({ page, complaints }) => {
  complaints.push(answered(422), /ERR_FAILED|Failed to load resource/);
  const name = await source(page);
  await awake(page);
  await files(page).setInputFiles(file("trail.jsonl", lines(3)));
  await expect(page.getByText("Nothing is stored yet.")).toBeVisible();
  await page.getByLabel("Zone of times that name none").fill("Nowhere");
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(new URL(request.url()).search));
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByRole("alert")).toHaveText(/There is no such time zone/);
  expect(sent).toEqual(["?do=ask"]);
  await expect(page.getByText("The connection ended.")).toHaveCount(0);

  await page.getByLabel("Zone of times that name none").fill("");
  await page.route(`**/sources/${name}/import*`, (route) => route.abort());
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("The connection ended.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeEnabled();
  await page.unroute(`**/sources/${name}/import*`);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(last(page)).toContainText("3 events are in the log now");
});

// Evidence: taken in the dashboard, checked on a page that reaches no network and was opened from a disk.

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { answerTo, answered, expect, test, type Producer } from "../fixtures.js";
import { unique } from "../producer.js";
import { command } from "../server.js";

test.use({ as: "viewer" });

/** Takes evidence of what somebody did, and says where it was saved. */
async function taken(page: Page, from: Producer, reason: string): Promise<{ path: string; actor: string }> {
  const actor = unique("ivan");
  await from.send(...[1, 2, 3].map((n) => ({ actor, action: "user.invite", details: { n } })));
  await page.goto(`/events?q=actor:${actor}`);
  await page.locator("summary", { hasText: "Export" }).click();
  await page.getByRole("link", { name: "Evidence…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Take evidence");
  await expect(page.getByRole("main")).toContainText("3 events");
  await page.getByLabel("Reason").fill(reason);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Take evidence" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^flightbox-evidence-\d{8}T\d{6}Z\.jsonl$/);
  const path = join(await mkdtemp(join(tmpdir(), "evidence-")), download.suggestedFilename());
  await download.saveAs(path);
  return { path, actor };
}

/** The page as it is handed on: a file. And the log's key, from elsewhere. */
async function carried(data: string): Promise<{ url: string; key: string; checkpoint: string }> {
  const path = join(await mkdtemp(join(tmpdir(), "verify-")), "verify.html");
  await writeFile(path, `${await command(data, ["verify", "--page"])}\n`);
  const [key = ""] = (await command(data, ["log-key", "show"])).match(/\S+\+[0-9a-f]{8}\+\S+/) ?? [];
  return { url: pathToFileURL(path).href, key, checkpoint: await readFile(join(data, "checkpoint"), "utf8") };
}

/** Drops a file on the page, as a person does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dropped = await page.evaluateHandle(
    ([name = "", text = ""]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent("#drop", "drop", { dataTransfer: dropped });
}

test("is taken for a reason, after saying what it holds", async ({ page, producer, complaints, accessible }) => {
  await producer.send({ actor: unique("ann"), action: "user.invite" });
  await page.goto("/export/evidence?q=action:user.invite");
  await expect(page).toHaveURL(/[?&]to=/);
  await accessible();
  complaints.push(answered(422));
  await page.getByLabel("Reason").fill(" ");
  await page.getByLabel("Size of a checkpoint").fill("none");
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Take evidence" }).click());
  expect(answer.status()).toBe(422);
  await expect(page.getByRole("alert")).toContainText("Say why");
  await page.getByLabel("Reason").fill("INC-2291");
  const again = await answerTo(page, () => page.getByRole("button", { name: "Take evidence" }).click());
  expect(again.status()).toBe(422);
  await expect(page.getByRole("alert")).toContainText("Type a number of events");
  await expect(page.getByLabel("Size of a checkpoint")).toBeFocused();
  await expect(page.getByLabel("Reason")).toHaveValue("INC-2291");
  await accessible();
});

test("T9: a file opened from a disk checks it without a network @islands", async ({ page, producer, server, context, accessible }) => {
  const { path, actor } = await taken(page, producer, "INC-2291: the regulator asks");
  const { url, key, checkpoint } = await carried(server.data);
  await context.setOffline(true);
  await page.goto(url);
  await accessible();
  const verdict = page.locator("#verdict");

  await page.getByLabel("choose it").setInputFiles(path);
  await expect(verdict).toHaveAttribute("data-state", "unknown");
  await expect(verdict).toContainText("It fits together, and no more is known");

  await page.getByLabel("The log’s public key").fill(key);
  await page.getByLabel("The log’s public key").blur();
  await expect(verdict).toHaveAttribute("data-state", "whole");
  await expect(verdict).toContainText("3 events, each proved");
  const facts = page.locator("#facts");
  for (const told of ["viewer, 20", "INC-2291: the regulator asks", `actor:${actor}`, "the one that you gave"]) {
    await expect(facts).toContainText(told);
  }
  await accessible();

  // Each byte counts: one of an event is another.
  const text = await readFile(path, "utf8");
  await drop(page, "altered.jsonl", text.replace('"n":2', '"n":7'));
  await expect(verdict).toHaveAttribute("data-state", "damaged");
  await expect(verdict).toContainText(/altered\.jsonl, line 3 \(from byte \d+\), event \d+: its record/);
  await accessible();
  await drop(page, "cut.jsonl", text.slice(0, -200));
  await expect(verdict).toContainText("the rest is missing");
  await drop(page, "whole.jsonl", text);
  await expect(verdict).toHaveAttribute("data-state", "whole");

  // A checkpoint that was kept, and one of another log.
  await page.getByText("A checkpoint that was kept").click();
  await page.getByLabel("The signed note").fill(JSON.parse(text.split("\n")[0] ?? "").checkpoint.note);
  await page.getByLabel("The signed note").blur();
  await expect(facts).toContainText("the file is of the same log, grown");
  await expect(verdict).toHaveAttribute("data-state", "whole");
  await page.getByLabel("The signed note").fill(checkpoint.replace(/\n\d+\n/, "\n1\n"));
  await page.getByLabel("The signed note").blur();
  await expect(verdict).toHaveAttribute("data-state", "unknown");
  await expect(verdict).toContainText("The checkpoint that was kept: the signature");

  await page.getByLabel("The log’s public key").fill("nonsense");
  await page.getByLabel("The log’s public key").blur();
  await expect(verdict).toContainText("Not checked");
});

test("T9: the same page is served to anybody, under a policy of its own", async ({ page, server, request, javaScriptEnabled }) => {
  const answer = await request.get("/verify", { headers: { cookie: "" } });
  expect(answer.status()).toBe(200);
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy).toMatch(/^default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+' 'wasm-unsafe-eval'; frame-ancestors 'none'$/);
  expect((await answer.text()).trim()).toBe(await command(server.data, ["verify", "--page"]));
  await page.goto("/verify");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Verify evidence");
  if (javaScriptEnabled === false) await expect(page.getByText("This page checks with a script, which is off here")).toBeVisible();
});

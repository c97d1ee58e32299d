// What is masked and sealed, and which keys there are.

import { answerTo, answered, expect, signIn, test } from "../fixtures.js";
import { unique } from "../producer.js";
import { command, fresh } from "../server.js";

test.use({ as: "admin" });

test("rules are read in words, and tried without changing anything", async ({ page, producer, accessible }) => {
  const key = unique("plate").replace(/-/g, "_");
  const [event] = await producer.send({ actor: "ivan", action: "drive", details: { [key]: "B-AB 123", email: "ivan@example.com" } });
  await page.goto("/settings/rules");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Masking and sealing");
  const inForce = page.getByRole("region", { name: "In force" });
  await expect(inForce.getByRole("row").filter({ hasText: "seal value email" })).toContainText("Seals a text that is an e-mail address");
  const box = page.getByLabel("Rules, one a line");
  await expect(box).toHaveValue(/^# Personal values/);
  await accessible();
  await box.fill(`seal key ${key} as number-plate\nmask key pet_of_nobody\n`);
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Try" }).click());
  expect(answer.status()).toBe(200);
  const tried = page.getByRole("region", { name: "What these rules would do" });
  await expect(tried.getByRole("status")).toContainText("1 value in them is clear and would be hidden");
  await expect(tried.getByRole("link", { name: String(event), exact: true }).first()).toHaveAttribute("href", `/events/${event}`);
  await expect(tried).toContainText(`details.${key}`);
  await expect(tried).toContainText("number-plate, sealed");
  await expect(tried.getByRole("row").filter({ hasText: "details.email" }).first()).toContainText("email");
  await expect(page.getByRole("main")).not.toContainText("B-AB 123");
  await expect(box).toHaveValue(`seal key ${key} as number-plate\nmask key pet_of_nobody\n`);
  await accessible();
  await page.goto("/settings/rules");
  await expect(page.getByRole("region", { name: "In force" })).not.toContainText(key);
});

test("a text that does not read is kept, with what is wrong by line", async ({ page, complaints, accessible }) => {
  complaints.push(answered(422));
  await page.goto("/settings/rules");
  const box = page.getByLabel("Rules, one a line");
  await box.fill("seal key ok\nseal value emial");
  const answer = await answerTo(page, () => page.getByRole("button", { name: "Put in force" }).click());
  expect(answer.status()).toBe(422);
  await expect(page.getByRole("alert")).toHaveText(/^Line 2 .*did you mean email\?$/);
  await expect(box).toHaveValue(/^seal key ok\nseal value emial\n?$/);
  await expect(box).toHaveAccessibleDescription(/did you mean email/);
  await accessible();
});

test("rules are confirmed, put in force, and found among the versions", async ({ page, accessible }) => {
  test.slow();
  const { url, data, stop } = await fresh();
  try {
    const person = { name: "root", password: "a password nobody guesses" };
    await command(data, ["person", "add", person.name, "--role", "admin", "--password-stdin"], person.password);
    await page.goto(`${url}/sign-in?next=/settings/rules`);
    await signIn(page, person);
    const box = page.getByLabel("Rules, one a line");
    await box.fill(`${await box.inputValue()}seal key plate as number-plate\n`);
    await page.getByRole("button", { name: "Put in force" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it is you");
    await expect(page.getByRole("main")).toContainText("This unlocks one change of the settings");
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByRole("region", { name: "Change them" }).getByRole("status")).toContainText("You have confirmed this change.");
    await expect(box).toHaveValue(/seal key plate as number-plate\n$/);
    await accessible();
    await page.getByRole("button", { name: "Put in force" }).click();
    await expect(page).toHaveURL(/\/settings\/rules\?version=2$/);
    const version = page.getByRole("region", { name: "Version 2, in force" });
    await expect(version.getByRole("insertion")).toHaveText("seal key plate as number-plate");
    await accessible();
    await page.getByRole("region", { name: "Versions" }).getByRole("link", { name: "Version 1" }).click();
    await expect(page.getByRole("region", { name: "Version 1", exact: true })).toContainText("what a new log starts with");
    await page.goto(`${url}/access?q=action:rules`);
    await expect(page.getByRole("main")).toContainText("rules.change");
    // The page listens for what comes, and would complain of a server that is gone.
    await page.goto("about:blank");
  } finally {
    await stop();
  }
});

test("the keys are counted, and how to change them is said", async ({ page, accessible }) => {
  await page.goto("/settings/rules");
  await page.getByRole("navigation", { name: "Position" }).getByRole("link", { name: "Settings" }).click();
  await page.getByRole("main").getByRole("link", { name: "Keys" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Keys");
  const master = page.getByRole("region", { name: "Master key" });
  await expect(master.locator("dd code")).toHaveText(/^[0-9a-f]{16}$/);
  await expect(master).toContainText("All keys, and the log’s own");
  await expect(page.getByRole("region", { name: "Keys of sealed values" })).toContainText(/In use\s*[1-9]/);
  await expect(page.getByRole("region", { name: "To change them" })).toContainText("flightbox keys rotate");
  await accessible();
});

test.describe("to somebody who is no admin", () => {
  test.use({ as: "investigator" });

  test("neither rules nor keys are shown", async ({ page, complaints }) => {
    complaints.push(answered(403));
    for (const path of ["/settings/rules", "/settings/keys"]) {
      expect((await page.goto(path))?.status()).toBe(403);
      await expect(page.getByRole("main")).toContainText("This page is for administrators.");
    }
  });
});

// The content security policy, on whatever the server answers.

import { answered, expect, test } from "../fixtures.js";

test.use({ as: "viewer" });

/** A policy's directives with their sources. */
function directives(policy: string | undefined): Map<string, string[]> {
  const parts = (policy ?? "").split(";").map((part) => part.trim().split(/\s+/));
  return new Map(parts.map(([name = "", ...sources]) => [name, sources]));
}

const PAGES = ["/", "/?from=x", "/events", "/events/0", "/events/999999999999", "/events?event=0", "/events?q=actr:x", "/actors/u_1001", "/resources/%2Fsession", "/help", "/views", "/access", "/v/none", "/sign-in", "/setup", "/nowhere"];

test("A8: of a page lets in its own files, its own scripts by nonce, and nobody else", async ({ request }) => {
  for (const path of PAGES) {
    const answer = await request.get(path);
    expect(answer.headers()["content-type"], path).toBe("text/html; charset=utf-8");
    const policy = directives(answer.headers()["content-security-policy"]);
    const [nonce] = (policy.get("script-src") ?? []).filter((source) => source.startsWith("'nonce-"));
    expect(nonce, path).toMatch(/^'nonce-[\w+/=-]{16,}'$/);
    expect(Object.fromEntries(policy), path).toEqual({
      "default-src": ["'none'"],
      "script-src": ["'self'", nonce, "'wasm-unsafe-eval'"],
      "style-src": ["'self'"],
      "img-src": ["'self'", "data:"],
      "font-src": ["'self'"],
      "connect-src": ["'self'"],
      "manifest-src": ["'self'"],
      "form-action": ["'self'"],
      "base-uri": ["'none'"],
      "frame-ancestors": ["'none'"],
    });
    const html = await answer.text();
    for (const [, attributes] of html.matchAll(/<script([^>]*)>/g)) {
      expect(attributes, path).toContain(`nonce="${nonce?.slice("'nonce-".length, -1)}"`);
    }
  }
});

test("needs no exception: no element carries its own styles or handlers", async ({ page, complaints }) => {
  complaints.push(answered(400), answered(403), answered(404));
  for (const path of PAGES) {
    await page.goto(path);
    await expect(page.locator("xpath=//*[@style or @*[starts-with(name(), 'on')]]"), path).toHaveCount(0);
  }
});

test("A8: has another nonce each time", async ({ request }) => {
  const nonces = new Set<string>();
  for (let times = 0; times < 5; times++) {
    const answer = await request.get("/events");
    nonces.add(answer.headers()["content-security-policy"] ?? "");
  }
  expect(nonces.size).toBe(5);
});

test("A8: of anything else lets in nothing", async ({ request }) => {
  const html = (await (await request.get("/events")).text()).matchAll(/"(\/pkg\/[^"]+)"/g);
  const files = [...new Set([...html].map(([, file = ""]) => file))];
  expect(files.some((file) => file.endsWith(".css")), "a page has a style sheet").toBe(true);
  const answers: [string, number][] = [
    ...files.map((file): [string, number] => [file, 200]),
    ["/pkg/none.js", 404],
    ["/pkg/..%2f..%2fCargo.toml", 404],
    ["/api/v1/events", 401],
    ["/api/v1/events/0", 401],
    ["/api/nowhere", 404],
    ["/events/0/panel", 200],
    ["/events/999999999999/panel", 404],
    ["/events/live", 400],
    ["/healthz", 200],
    ["/readyz", 200],
  ];
  for (const [path, status] of answers) {
    const answer = await request.get(path);
    expect(answer.status(), path).toBe(status);
    const policy = directives(answer.headers()["content-security-policy"]);
    expect(Object.fromEntries(policy), path).toEqual({
      "default-src": ["'none'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
    });
    expect(answer.headers()["x-content-type-options"], path).toBe("nosniff");
  }
  const refused = await request.post("/api/v1/events", { data: {} });
  expect(refused.status()).toBe(401);
  expect(refused.headers()["content-security-policy"]).toMatch(/^default-src 'none'/);
});

test("stops a script that got into a page all the same", async ({ page, complaints }) => {
  complaints.push(/Content Security Policy/);
  await page.goto("/events");
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    document.body.append(script);
    return document.title === "ran";
  });
  expect(ran).toBe(false);
});

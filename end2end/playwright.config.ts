import { defineConfig, devices } from "@playwright/test";

export default defineConfig({
  testDir: "specs",
  globalSetup: "./server.ts",
  // One server with one database serves all tests: they may run side by side, as people do.
  fullyParallel: true,
  workers: 2,
  // A test that fails now and then is a finding, not an accident.
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  reporter: [["list"]],
  outputDir: "../target/end2end",
  use: {
    ...devices["Desktop Chrome"],
    // Debian's. Playwright's own isn't downloaded, which not every network allows.
    channel: undefined,
    launchOptions: {
      executablePath: process.env.FLIGHTBOX_CHROMIUM ?? "/usr/bin/chromium",
      // Root can't use the sandbox; the rest keeps the browser from calling home.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    // What a failure looked like. A trace of every test would take longer than the tests.
    screenshot: "only-on-failure",
  },
  // Every page must do its job without JavaScript, so every test runs both ways, but for those
  // whose title says @islands.
  projects: [
    { name: "islands" },
    { name: "no-javascript", grepInvert: /@islands/, use: { javaScriptEnabled: false } },
  ],
});

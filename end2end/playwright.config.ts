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
  // Only what has been seen to hold is part of the run. The other specs are written but not yet proven against these
  // pages: run one by name with ALL_SPECS=1, mend what it finds, and add it here.
  testMatch: process.env.ALL_SPECS ? undefined : ["sign-in.spec.ts"],
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
    trace: "retain-on-failure",
  },
  // Every page must do its job without JavaScript, so every test runs both ways, but for those
  // whose title says @islands.
  projects: [
    { name: "islands" },
    { name: "no-javascript", grepInvert: /@islands/, use: { javaScriptEnabled: false } },
  ],
});

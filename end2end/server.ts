// Starts one real server with an empty data folder before all tests, and ends it after them.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type Role = "viewer" | "investigator" | "admin";

/** Someone who can sign in. */
export interface Person {
  name: string;
  password: string;
}

/** What the tests know of the server: what it printed. */
export interface Demo {
  url: string;
  people: Record<Role, Person>;
}

/** The server that the tests talk to; Playwright hands the environment on to its workers. */
export function demo(): Demo {
  return JSON.parse(process.env.FLIGHTBOX_DEMO ?? "null") as Demo;
}

export default async function start(): Promise<() => Promise<void>> {
  const binary = process.env.FLIGHTBOX_BIN;
  if (!binary) throw new Error("FLIGHTBOX_BIN must name the flightbox binary to test");

  const data = await mkdtemp(join(tmpdir(), "flightbox-end2end-"));
  const server = spawn(binary, ["demo"], {
    env: { ...process.env, FLIGHTBOX_LISTEN: "127.0.0.1:0", FLIGHTBOX_DATA: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const stop = async () => {
    server.kill("SIGTERM");
    const patience = setTimeout(() => server.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(patience);
    await rm(data, { recursive: true, force: true });
  };

  try {
    process.env.FLIGHTBOX_DEMO = JSON.stringify(await announcement(server.stdout));
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Reads the lines `role name password` until `ready URL`. */
async function announcement(output: NodeJS.ReadableStream): Promise<Demo> {
  const people: Partial<Record<Role, Person>> = {};
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the server wasn't ready within a minute")), 60_000);
    const lines = createInterface({ input: output });
    // Read on after `ready`: a server that can't write to its output would stop.
    lines.on("line", (line) => {
      const [first = "", name = "", password = ""] = line.trim().split(/\s+/);
      if (first === "viewer" || first === "investigator" || first === "admin") {
        people[first] = { name, password };
      } else if (first === "ready") {
        clearTimeout(late);
        const { viewer, investigator, admin } = people;
        if (viewer && investigator && admin) {
          resolve({ url: name, people: { viewer, investigator, admin } });
        } else {
          reject(new Error(`the server printed credentials for ${Object.keys(people).join(", ") || "nobody"} only`));
        }
      }
    });
    lines.on("close", () => {
      clearTimeout(late);
      reject(new Error("the server ended before it was ready"));
    });
  });
}

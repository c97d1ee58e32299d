// Starts real servers, each with an empty data folder of its own, and ends them. All tests share the
// first one; what only a new server does is tested on another.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export type Role = "viewer" | "investigator" | "admin";

/** Someone who can sign in. */
export interface Person {
  name: string;
  password: string;
}

/** What the tests know of the server that they share. */
export interface Demo {
  url: string;
  people: Record<Role, Person>;
  /** Its data folder, for commands beside it. */
  data: string;
}

/** A server that somebody has just installed. */
export interface Fresh {
  url: string;
  /** The link that makes the first admin. */
  setup: string;
  data: string;
  stop: () => Promise<void>;
  /** Ends it, does what is to be done meanwhile, and starts it again at the same address. */
  restart: (meanwhile: () => Promise<void>) => Promise<void>;
}

/** The server that the tests share; Playwright hands the environment on to its workers. */
export function demo(): Demo {
  return JSON.parse(process.env.FLIGHTBOX_DEMO ?? "null") as Demo;
}

export default async function start(): Promise<() => Promise<void>> {
  const { said, data, stop } = await launch("demo");
  const people: Partial<Record<Role, Person>> = {};
  for (const [role, name = "", password = ""] of said) {
    if (role === "viewer" || role === "investigator" || role === "admin") people[role] = { name, password };
  }
  const { viewer, investigator, admin } = people;
  if (!viewer || !investigator || !admin) {
    await stop();
    throw new Error(`the server printed credentials for ${Object.keys(people).join(", ") || "nobody"} only`);
  }
  process.env.FLIGHTBOX_DEMO = JSON.stringify({ url: told(said, "ready"), people: { viewer, investigator, admin }, data });
  return stop;
}

/** A server as it is the first time that it starts, with more in its environment. */
export async function fresh(env: Record<string, string> = {}): Promise<Fresh> {
  let server = await launch("serve", undefined, undefined, env);
  const { said, data } = server;
  const url = told(said, "ready");
  const restart = async (meanwhile: () => Promise<void>) => {
    await server.end();
    await meanwhile();
    server = await launch("serve", data, `127.0.0.1:${new URL(url).port}`, env);
  };
  return { url, setup: told(said, "setup"), data, stop: () => server.stop(), restart };
}

/** Runs a command beside the server that owns the folder; what it printed. */
export async function command(data: string, args: string[], input = ""): Promise<string> {
  const running = promisify(execFile)(binary(), args, { env: { ...process.env, FLIGHTBOX_DATA: data } });
  // Not even an empty text: a command that takes none may be done before it could be written.
  running.child.stdin?.end(input || undefined);
  return (await running).stdout.trim();
}

/** Adds somebody who holds no role. The command line asks for one; the socket behind it takes none. */
export async function addWithoutRole(data: string, { name, password }: Person): Promise<void> {
  const socket = connect(join(data, "control.sock"));
  socket.write(`${JSON.stringify({ add_person: { name, password, roles: [] } })}\n`);
  for await (const line of createInterface({ input: socket })) {
    socket.end();
    if (!("done" in JSON.parse(line))) throw new Error(`nobody was added: ${line}`);
    return;
  }
  throw new Error("the server hung up");
}

function binary(): string {
  const binary = process.env.FLIGHTBOX_BIN;
  if (!binary) throw new Error("FLIGHTBOX_BIN must name the flightbox binary to test");
  return binary;
}

/** A running server. */
interface Launched {
  /** The words of each line that it printed, up to `ready URL`. */
  said: string[][];
  data: string;
  /** Ends it. */
  end: () => Promise<void>;
  /** Ends it, and throws its data away. */
  stop: () => Promise<void>;
}

/** Starts a server, in an empty folder unless it goes on in another's. */
async function launch(how: "demo" | "serve", folder?: string, listen = "127.0.0.1:0", env: Record<string, string> = {}): Promise<Launched> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), "flightbox-end2end-")));
  const server = spawn(binary(), [how], {
    env: { ...process.env, ...env, FLIGHTBOX_LISTEN: listen, FLIGHTBOX_DATA: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const end = async () => {
    server.kill("SIGTERM");
    const patience = setTimeout(() => server.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(patience);
  };
  const stop = async () => {
    await end();
    await rm(data, { recursive: true, force: true });
  };
  try {
    return { said: await announcement(server.stdout), data, end, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function announcement(output: NodeJS.ReadableStream): Promise<string[][]> {
  const said: string[][] = [];
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the server wasn't ready within a minute")), 60_000);
    const lines = createInterface({ input: output });
    // Read on after `ready`: a server that can't write to its output would stop.
    lines.on("line", (line) => {
      const words = line.trim().split(/\s+/);
      said.push(words);
      if (words[0] !== "ready") return;
      clearTimeout(late);
      resolve(said);
    });
    lines.on("close", () => {
      clearTimeout(late);
      reject(new Error("the server ended before it was ready"));
    });
  });
}

/** The word after that one. */
function told(said: string[][], what: string): string {
  const word = said.find(([first]) => first === what)?.[1];
  if (!word) throw new Error(`the server printed no line "${what} …"`);
  return word;
}

// Starts services that record in Flightbox: those that stand beside the middleware as examples.

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

/** A service that listens. */
export interface Service {
  url: string;
  /** The password of each of its users, as it printed them. */
  passwords: Map<string, string>;
  stop: () => Promise<void>;
}

/** Where the service reports to, and as which source. */
export interface Reporting {
  url: string;
  token: string;
}

/** The axum service, with the layer around it. */
export async function shop(to: Reporting): Promise<Service> {
  const program = process.env.FLIGHTBOX_SHOP ?? resolve("../target/debug/examples/service");
  return launch(program, [], to, /^ready (\S+)$/);
}

/** The FastAPI service, with the ASGI middleware around it. */
export async function staff(to: Reporting): Promise<Service> {
  const python = process.env.FLIGHTBOX_PYTHON ?? resolve("../target/fastapi/bin/python");
  return launch(python, ["-m", "uvicorn", "app:app", "--port", "0"], to, /Uvicorn running on (\S+)/);
}

async function launch(program: string, args: string[], { url, token }: Reporting, ready: RegExp): Promise<Service> {
  const service = spawn(program, args, {
    cwd: resolve("../crates/layer/examples/fastapi"),
    env: { ...process.env, FLIGHTBOX_URL: url, FLIGHTBOX_TOKEN: token, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => service.once("close", () => resolve()));
  // As it is ended at a terminal: it flushes what it has recorded.
  const stop = async () => {
    service.kill("SIGINT");
    const patience = setTimeout(() => service.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(patience);
  };
  const passwords = new Map<string, string>();
  const listening = new Promise<string>((resolve, reject) => {
    const told: string[] = [];
    for (const output of [service.stdout, service.stderr]) {
      createInterface({ input: output }).on("line", (line) => {
        told.push(line);
        const [what, name, password] = line.split(" ");
        if (what === "user" && name && password) passwords.set(name, password);
        const at = ready.exec(line)?.[1];
        if (at) resolve(at);
      });
    }
    service.once("error", reject);
    service.once("close", () => reject(new Error(`${program} ended before it was ready: ${told.join("\n")}`)));
  });
  return { url: await listening, passwords, stop };
}

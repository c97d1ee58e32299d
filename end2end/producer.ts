// A system that sends events to the server under test, and what tests need to make some up.

import { randomUUID } from "node:crypto";
import { expect, type APIRequest } from "@playwright/test";
import { command } from "./server.js";

/** An event as the API takes it. */
export interface Sent {
  actor: string | { id: string; type?: string; name?: string; email?: string };
  action: string;
  occurred_at?: string;
  [field: string]: unknown;
}

/** Somebody with an ingest token. */
export interface Producer {
  /** The source that its events get. */
  source: string;
  /** Sends events in one batch; the number of each. */
  send: (...events: Sent[]) => Promise<number[]>;
}

/** Lets a producer in, beside the server that owns the folder. */
export async function producer(
  request: APIRequest,
  { url, data }: { url: string; data: string },
  source: string,
): Promise<Producer> {
  const token = await command(data, ["source", "add", source]);
  const send = async (...events: Sent[]) => {
    const api = await request.newContext({ baseURL: url, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
    const answer = await api.post("/api/v1/events", { data: events });
    expect(answer.status(), await answer.text()).toBe(201);
    const { receipts } = (await answer.json()) as { receipts: { seq: number }[] };
    await api.dispose();
    return receipts.map(({ seq }) => seq);
  };
  return { source, send };
}

/** A name that no other test uses. */
export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The time so many minutes ago. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * MINUTE).toISOString();
}

/** The day so many days ago, such as 2026-01-31. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
}

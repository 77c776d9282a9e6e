/** A job of the server, and what of the settings it is asked for. */
import type { Settings } from "./settings";

export interface Job {
  readonly id: string;
  readonly state: "queued" | "running" | "done" | "failed";
  readonly percent: number;
  readonly reason: string;
}

const STATES: Record<string, Job["state"]> = { queued: "queued", running: "running", done: "done" };

/** A job as the server tells it. */
export function readJob(told: unknown): Job {
  const of = told as Record<string, unknown>;
  const share = Number(of.progress ?? 0);
  return {
    id: String(of.id),
    state: STATES[String(of.state)] ?? "failed",
    percent: Math.round(100 * Math.min(1, Math.max(0, share || 0))),
    reason: String(of.reason ?? of.state),
  };
}

/** What stands behind the person, as the command takes it; null of transparency. */
export function backgroundOf(look: Settings): string | null {
  if (look.background === "color") return look.color;
  if (look.background === "gradient") return `gradient:${look.color},${look.color2}`;
  if (look.background === "blur") return `blur:${look.blur}`;
  return null;
}

/** The query of a new job: a transparent WebM, or an MP4 where something is behind the person. */
export function optionsOf(look: Settings, name: string): string {
  const background = backgroundOf(look);
  const query = new URLSearchParams({ name, format: background ? "mp4" : "webm" });
  if (background) query.set("background", background);
  if (look.feather) query.set("feather", String(look.feather));
  if (look.grow) query.set("grow", String(look.grow));
  return query.toString();
}

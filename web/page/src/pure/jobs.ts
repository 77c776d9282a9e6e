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
  const share = Number(of.frames ?? 0) / Number(of.total || Number.POSITIVE_INFINITY);
  return {
    id: String(of.id),
    state: STATES[String(of.state)] ?? "failed",
    percent: Math.round(100 * Math.min(1, Math.max(0, share || 0))),
    reason: String(of.error ?? of.state),
  };
}

/** What stands behind the person, as the command takes it; null of transparency. */
export function backgroundOf(look: Settings): string | null {
  if (look.background === "color") return look.color;
  if (look.background === "gradient") return `gradient:${look.color},${look.color2}`;
  if (look.background === "blur") return `blur:${look.blur}`;
  return null;
}

/** The ending of a result: what holds transparency, or else what everything shows. */
export const endingOf = (look: Settings): "webm" | "mp4" =>
  look.background === "none" ? "webm" : "mp4";

/** The options of a new job, under the names of the command. */
export function optionsOf(look: Settings): [string, string][] {
  const background = backgroundOf(look) ?? (look.background === "none" ? "transparent" : null);
  const options: [string, string][] = [["container", endingOf(look)]];
  if (background) options.push(["background", background]);
  if (look.feather) options.push(["feather", String(look.feather)]);
  if (look.grow) options.push(["grow", String(look.grow)]);
  return options;
}

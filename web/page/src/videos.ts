/** Videos: sent to the server that the page comes from, as jobs of its `/v1/jobs`. */
import { signal } from "@preact/signals";
import { find, type Item, update } from "./items";
import { announcement, notify } from "./notices";
import { endingOf, type Job, optionsOf, readJob } from "./pure/jobs";
import { pictureFile, settings } from "./settings";
import { explain } from "./work";

export type Step = "uploading" | "queued" | "running" | "done";

export interface Progress {
  readonly step: Step;
  /** 0 to 100, of the step. */
  readonly percent: number;
  /** Where the result is, once it is there. */
  readonly result: string | null;
  /** What kind of file the result is. */
  readonly ending: "webm" | "mp4";
}

/** How far each video is, by the id of its item. */
export const progress = signal<ReadonlyMap<number, Progress>>(new Map());

const POLL = 700; // milliseconds between questions
const JOBS = "v1/jobs";

const stops = new Map<number, AbortController>();
const jobs = new Map<number, string>();

function tell(id: number, now: Progress | null): void {
  const next = new Map(progress.value);
  if (now) next.set(id, now);
  else next.delete(id);
  progress.value = next;
}

class Refused extends Error {}

/** What a server's answer says is wrong: RFC 9457, or its status. */
function reasonOf(status: number, text: string): string {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title ?? String(status);
  } catch {
    return String(status);
  }
}

/** A video with its options: in the query, or with an image for its background as a form. */
function parcel(item: Item): { query: string; body: Blob | FormData } {
  const options = optionsOf(settings.value);
  const behind = settings.value.background === "image" ? pictureFile.value : null;
  if (!behind) {
    const body = item.file.type ? item.file : new Blob([item.file], { type: "video/mp4" });
    return { query: `?${new URLSearchParams(options)}`, body };
  }
  const body = new FormData();
  for (const [name, value] of options) body.append(name, value);
  body.append("background", behind);
  body.append("video", item.file);
  return { query: "", body };
}

/** Send a file with its progress, which `fetch` does not tell. */
function upload(item: Item, stop: AbortSignal): Promise<Job> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const { query, body } = parcel(item);
    request.open("POST", `${JOBS}${query}`);
    request.upload.onprogress = ({ loaded, total }) => {
      const percent = Math.round((100 * loaded) / total);
      tell(item.id, { step: "uploading", percent, result: null, ending: endingOf(settings.value) });
    };
    request.onload = () => {
      const wait = Number(request.getResponseHeader("Retry-After"));
      if (request.status < 300) resolve(readJob(JSON.parse(request.responseText)));
      else if (wait > 0) {
        notify({ key: "videoBusy", values: { n: wait } }, true);
        reject(new Refused(reasonOf(request.status, request.responseText)));
      } else reject(new Refused(reasonOf(request.status, request.responseText)));
    };
    request.onerror = () => reject(new Refused("the connection ended"));
    request.onabort = () => reject(stop.reason);
    stop.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

async function ask(job: string, stop: AbortSignal): Promise<Job> {
  const answer = await fetch(`${JOBS}/${job}`, { signal: stop });
  if (!answer.ok) throw new Refused(reasonOf(answer.status, await answer.text()));
  return readJob(await answer.json());
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function follow(
  item: Item,
  begun: Job,
  ending: Progress["ending"],
  stop: AbortSignal,
): Promise<void> {
  let job = begun;
  while (job.state === "queued" || job.state === "running") {
    tell(item.id, { step: job.state, percent: job.percent, result: null, ending });
    await pause(POLL);
    job = await ask(job.id, stop);
  }
  if (job.state === "failed") throw new Refused(job.reason);
  tell(item.id, { step: "done", percent: 100, result: `${JOBS}/${job.id}/result`, ending });
}

/** Send a video and follow the server's work on it. */
export async function send(item: Item): Promise<void> {
  const stop = new AbortController();
  const ending = endingOf(settings.value);
  stops.set(item.id, stop);
  update(item.id, { state: "working" });
  tell(item.id, { step: "uploading", percent: 0, result: null, ending });
  try {
    const job = await upload(item, stop.signal);
    jobs.set(item.id, job.id);
    await follow(item, job, ending, stop.signal);
    update(item.id, { state: "done" });
    announcement.value = { key: "announceDone", values: { name: item.name } };
  } catch (error) {
    tell(item.id, null);
    if (stop.signal.aborted) update(item.id, { state: "waiting" });
    else if (find(item.id)) {
      const message = explain(item.name, error);
      update(item.id, { state: "failed", message });
      notify(message, true);
    }
  }
}

/** Stop the work on a video; what the server has of it is removed there. */
export async function cancel(item: Item): Promise<void> {
  stops.get(item.id)?.abort(new DOMException("stopped", "AbortError"));
  const job = jobs.get(item.id);
  jobs.delete(item.id);
  tell(item.id, null);
  if (job) await fetch(`${JOBS}/${job}`, { method: "DELETE" }).catch(() => undefined);
}

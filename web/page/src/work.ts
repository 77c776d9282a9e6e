/** What happens one after the other: images go through the network, the one that is shown is drawn. */
import { effect, signal, untracked } from "@preact/signals";
import { type Cutout, FiguregroundError, type Remover } from "../../src/index.js";
import { makeCanvas, release } from "./canvas";
import { engine } from "./engine";
import { active, activeId, find, type Item, items, update } from "./items";
import { announcement, notify } from "./notices";
import type { Scene } from "./paint";
import type { Stroke } from "./pure/brush";
import { settings } from "./settings";
import { isEmpty, pack, Studio, toBytes } from "./studio";
import type { Message } from "./texts";

/** What the stage shows; null while there is nothing to show. */
export const scene = signal<Scene | null>(null);
/** Whether the scene is behind its settings. */
export const busy = signal(false);

const THUMB = 160; // longer side, pixels

let studio: Studio | null = null;
let aborting: AbortController | null = null;
let running = false;

/** The studio of the image that is shown, if it is open. */
export const openStudio = (): Studio | null => studio;

/** Work on images as long as some wait, the one that is shown first. */
export async function work(): Promise<void> {
  if (running) return;
  running = true;
  try {
    const remover = await engine();
    for (let item = next(); item; item = next()) await workOn(item, remover);
  } catch {
    // The network did not load, which is said where its state is shown; images wait meanwhile.
  } finally {
    running = false;
  }
}

function next(): Item | undefined {
  const waiting = items.value.filter((item) => item.kind === "image" && item.state === "waiting");
  return waiting.find((item) => item.id === activeId.value) ?? waiting[0];
}

async function workOn(item: Item, remover: Remover): Promise<void> {
  update(item.id, { state: "working" });
  aborting = new AbortController();
  try {
    const { signal } = aborting;
    const cutout = await remover.cutout(item.file, { original: true, signal });
    await finish(item, cutout);
  } catch (error) {
    if (find(item.id)) fail(item, error);
  }
}

async function finish(item: Item, cutout: Cutout): Promise<void> {
  const alpha = toBytes(cutout.alpha);
  const { width, height } = cutout;
  const empty = isEmpty(alpha);
  const matte = pack(alpha);
  const thumb = await thumbnail(cutout);
  if (!find(item.id)) return URL.revokeObjectURL(thumb);
  update(item.id, { state: "done", matte, empty, thumb, size: { width, height } });
  announcement.value = {
    key: empty ? "announceEmpty" : "announceDone",
    values: { name: item.name },
  };
  const done = find(item.id);
  if (done && activeId.value === item.id) await show(done, cutout);
}

async function thumbnail(cutout: Cutout): Promise<string> {
  const { width, height, colorSpace } = cutout;
  const scale = Math.min(1, THUMB / Math.max(width, height));
  const whole = makeCanvas(cutout, colorSpace);
  const pixels = cutout.foreground as Uint8ClampedArray<ArrayBuffer>;
  whole.context.putImageData(new ImageData(pixels, width, height, { colorSpace }), 0, 0);
  const small = makeCanvas({
    width: Math.max(1, width * scale),
    height: Math.max(1, height * scale),
  });
  small.context.drawImage(whole.canvas, 0, 0, small.canvas.width, small.canvas.height);
  release(whole.canvas);
  return URL.createObjectURL(await small.canvas.convertToBlob());
}

/** What to say of an error. */
export function explain(name: string, error: unknown): Message {
  if (error instanceof FiguregroundError && error.code === "image") {
    return { key: "errorDecode", values: { name } };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { key: "errorOther", values: { name, reason } };
}

function fail(item: Item, error: unknown): void {
  const message = explain(item.name, error);
  update(item.id, { state: "failed", message });
  notify(message, true);
}

/** Stop what is in work, if it is that image. */
export function stop(item: Item): void {
  if (item.state === "working") aborting?.abort();
}

/** Show an image; the one before gives its memory back. */
async function show(item: Item, cutout?: Cutout): Promise<void> {
  if (studio?.id === item.id) return;
  hide();
  busy.value = true;
  try {
    const opened = await Studio.open(await engine(), item, cutout);
    if (activeId.value !== item.id || studio) return opened.close();
    studio = opened;
    await refresh();
  } catch (error) {
    fail(item, error);
  } finally {
    if (activeId.value === item.id) busy.value = false;
  }
}

function hide(): void {
  scene.value = null;
  studio?.close();
  studio = null;
}

let refreshing: Promise<void> | null = null;
let stale = false;

/** Draw the image that is shown anew; done once all changes are taken in, also those meanwhile. */
export function refresh(): Promise<void> {
  stale = true;
  refreshing ??= refreshAll().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refreshAll(): Promise<void> {
  busy.value = true;
  try {
    while (stale && studio) {
      stale = false;
      const current: Studio = studio;
      await current.refresh(settings.value);
      if (current === studio) scene.value = current.scene;
    }
  } finally {
    busy.value = false;
  }
}

/** Add a stroke that was painted; what was undone before is gone. */
export function addStroke(id: number, stroke: Stroke): void {
  const item = find(id);
  if (!item) return;
  studio?.finish(stroke);
  update(id, { strokes: [...item.strokes, stroke], undone: [], empty: false });
  refresh();
}

export function undo(): void {
  const item = active.value;
  const stroke = item?.strokes.at(-1);
  if (!item || !stroke) return;
  update(item.id, { strokes: item.strokes.slice(0, -1), undone: [...item.undone, stroke] });
  refresh();
}

export function redo(): void {
  const item = active.value;
  const stroke = item?.undone.at(-1);
  if (!item || !stroke) return;
  update(item.id, { strokes: [...item.strokes, stroke], undone: item.undone.slice(0, -1) });
  refresh();
}

/** Follow which image is shown, and the settings. */
export function follow(): void {
  effect(() => {
    const item = active.value;
    untracked(() => {
      if (studio && studio.id !== item?.id) hide();
      if (item?.kind === "image" && item.state === "done" && studio?.id !== item.id) show(item);
    });
  });
  effect(() => {
    settings.value;
    untracked(() => {
      if (studio) refresh();
    });
  });
}

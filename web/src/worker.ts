/** The worker: does tasks one after the other, and looks between their steps whether they are wanted. */
import { type Cutout, FiguregroundError, type Matte, type Stage } from "./api.js";
import { type DecodedImage, decodeImage } from "./decode.js";
import { reasonOf } from "./download.js";
import { encodeCutout } from "./encode.js";
import { type LoadedEngine, loadEngine } from "./engine.js";
import { cutOutForeground, editedForeground } from "./matting/edited_foreground.js";
import { estimateMatte } from "./matting/image_alpha.js";
import type { Plane } from "./matting/plane.js";
import type { Failure, Reply, Request, Results, SentImage, Task } from "./protocol.js";

let engine: LoadedEngine | null = null;
let queue: Promise<void> = Promise.resolve();
const aborted = new Set<number>();
const waiting = new Set<number>();

class Aborted extends Error {}

type Checkpoint = (stage: Stage) => Promise<void>;

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if ("aborted" in data) {
    if (waiting.has(data.id)) aborted.add(data.id);
    return;
  }
  waiting.add(data.id);
  queue = queue.then(() => answer(data.id, data.task));
});

async function answer(id: number, task: Task): Promise<void> {
  try {
    if (aborted.has(id)) return;
    const result = await results(task, id);
    reply({ id, result }, buffersOf(result));
  } catch (error) {
    if (!(error instanceof Aborted)) reply({ id, failure: failureOf(error) });
  } finally {
    waiting.delete(id);
    aborted.delete(id);
  }
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

function failureOf(error: unknown): Failure {
  if (error instanceof FiguregroundError) return { code: error.code, message: error.message };
  const memory = error instanceof RangeError && /alloc|length|size/i.test(error.message);
  if (!memory) return { code: "network", message: `something broke: ${reasonOf(error)}` };
  const message = "the image needs more memory than this browser gives; make it smaller";
  return { code: "image", message };
}

function results(task: Task, id: number): Promise<Results[keyof Results]> {
  const checkpoint = checkpointOf(id);
  switch (task.kind) {
    case "load":
      return load(task, id);
    case "alpha":
      return estimateAlpha(task.image, checkpoint);
    case "cutout":
      return cutOut(task.image, checkpoint, task.options.original ?? false);
    case "remove":
      return remove(task, checkpoint);
    case "decode":
      return decodeImage(task.image).then(({ pixels }) => pixels);
    case "recolor":
      return recolor(task, checkpoint);
    case "encode":
      return encodeCutout(task.cutout, task.options);
  }
}

async function load({ setup }: Extract<Task, { kind: "load" }>, id: number) {
  engine = await loadEngine(setup, (progress) => reply({ id, progress }));
  return engine.loaded;
}

/** Tell which step begins; messages that came in meanwhile are heard first. */
function checkpointOf(id: number): Checkpoint {
  return async (stage) => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (aborted.has(id)) throw new Aborted();
    reply({ id, stage });
  };
}

interface Found {
  readonly decoded: DecodedImage;
  readonly matte: Plane;
}

async function find(image: SentImage, checkpoint: Checkpoint): Promise<Found> {
  if (engine === null) throw new FiguregroundError("usage", "no network is loaded");
  await checkpoint("decode");
  const decoded = await decodeImage(image);
  const { width, height } = decoded.pixels;
  const matte = await estimateMatte({ data: decoded.rgb, height, width }, engine, checkpoint);
  keepTransparency(matte.data, decoded.pixels.data);
  return { decoded, matte };
}

/** Transparency that is already there stays. */
function keepTransparency(alpha: Float32Array, pixels: Uint8ClampedArray): void {
  for (let at = 0; at < alpha.length; at += 1) {
    const opacity = pixels[4 * at + 3];
    if (opacity < 255) alpha[at] *= opacity / 255;
  }
}

async function estimateAlpha(image: SentImage, checkpoint: Checkpoint): Promise<Matte> {
  const { matte } = await find(image, checkpoint);
  return { alpha: matte.data, width: matte.width, height: matte.height };
}

async function cutOut(
  image: SentImage,
  checkpoint: Checkpoint,
  original: boolean,
): Promise<Cutout> {
  const { decoded, matte } = await find(image, checkpoint);
  await checkpoint("foreground");
  const { data, width, height, colorSpace } = decoded.pixels;
  const foreground = cutOutForeground({ data, height, width }, matte);
  const cutout = { alpha: matte.data, width, height, foreground, colorSpace };
  return original ? { ...cutout, original: data } : cutout;
}

async function remove({ image, options }: Extract<Task, { kind: "remove" }>, check: Checkpoint) {
  const cutout = await cutOut(image, check, false);
  await check("encode");
  return encodeCutout(cutout, options);
}

async function recolor(
  { original, found, shown }: Extract<Task, { kind: "recolor" }>,
  checkpoint: Checkpoint,
): Promise<Cutout> {
  await checkpoint("foreground");
  const { data, width, height, colorSpace } = original;
  const planes = [found, shown].map((alpha): Plane => ({ data: alpha, height, width }));
  const foreground = editedForeground({ data, height, width }, planes[0], planes[1]);
  return { alpha: shown, width, height, foreground, colorSpace };
}

/** Arrays that are handed over instead of copied. */
function buffersOf(result: Results[keyof Results]): Transferable[] {
  if (result instanceof Blob) return [];
  const arrays = Object.values(result).filter((value) => ArrayBuffer.isView(value));
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
}

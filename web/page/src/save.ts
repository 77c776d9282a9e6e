/** Results as files: download, zip, clipboard. */
import { Zip, ZipPassThrough } from "fflate";
import { makeCanvas, release } from "./canvas";
import { engine } from "./engine";
import { type Item, items } from "./items";
import { notify } from "./notices";
import { paintResult, type Scene } from "./paint";
import { resultName } from "./pure/files";
import { frame, type Size } from "./pure/frames";
import type { Settings } from "./pure/settings";
import { picture, settings } from "./settings";
import { Studio } from "./studio";
import { explain, openStudio, refresh } from "./work";

const ENDINGS = { png: "png", webp: "webp", jpeg: "jpg" } as const;

class TooLarge extends Error {
  readonly size: Size;
  constructor(size: Size) {
    super("too large");
    this.size = size;
  }
}

/** What part of the image is written, and how large. */
export const frameOf = (scene: Pick<Scene, "size" | "box">, look: Settings) =>
  frame(look.frame, scene.size, scene.box, { width: look.width, height: look.height });

/** Draw a result and make a file of it. */
export async function render(scene: Scene, look: Settings): Promise<Blob> {
  const { box, size } = frameOf(scene, look);
  const { canvas, context } = makeCanvas(size, scene.colorSpace);
  if (look.type === "jpeg") {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  const [x, y] = [canvas.width / box.width, canvas.height / box.height];
  context.setTransform(x, 0, 0, y, -box.left * x, -box.top * y);
  paintResult(context, scene, look, box, picture.value);
  try {
    return await canvas.convertToBlob({ type: `image/${look.type}`, quality: look.quality / 100 });
  } catch {
    throw new TooLarge(size);
  } finally {
    release(canvas);
  }
}

function complain(name: string, error: unknown): void {
  if (error instanceof TooLarge) notify({ key: "errorSize", values: { ...error.size } }, true);
  else notify(explain(name, error), true);
}

/** Hand a file to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The result of one image, whether it is shown or not. */
async function resultOf(item: Item, look: Settings): Promise<Blob> {
  const shown = openStudio();
  if (shown?.id === item.id) {
    await refresh();
    return render(shown.scene, look);
  }
  const studio = await Studio.open(await engine(), item);
  try {
    await studio.refresh(look);
    return await render(studio.scene, look);
  } finally {
    studio.close();
  }
}

/** Save the result of one image. */
export async function save(item: Item): Promise<void> {
  try {
    const look = settings.value;
    const name = resultName(item.name, ENDINGS[look.type], new Set());
    download(await resultOf(item, look), name);
    notify({ key: "saved", values: { name } });
  } catch (error) {
    complain(item.name, error);
  }
}

/** Put the result of one image into the clipboard, as a PNG. */
export async function copy(item: Item): Promise<void> {
  const blob = resultOf(item, { ...settings.value, type: "png" });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    notify({ key: "copied" });
  } catch {
    notify({ key: "errorCopy" }, true);
  }
}

/** Save the results of all images in one zip; `tell` hears how many are packed. */
export async function saveAll(tell: (n: number, of: number) => void): Promise<void> {
  const done = items.value.filter((item) => item.kind === "image" && item.state === "done");
  const look = settings.value;
  const taken = new Set<string>();
  const chunks: Blob[] = []; // which the browser may put on disk
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  for (const item of done) {
    try {
      const name = resultName(item.name, ENDINGS[look.type], taken);
      const blob = await resultOf(item, look);
      taken.add(name);
      const entry = new ZipPassThrough(name);
      zip.add(entry);
      entry.push(new Uint8Array(await blob.arrayBuffer()), true);
    } catch (error) {
      complain(item.name, error);
    }
    tell(taken.size, done.length);
  }
  zip.end();
  const name = "figureground.zip";
  download(new Blob(chunks, { type: "application/zip" }), name);
  notify({ key: "savedZip", values: { n: taken.size, name } });
}

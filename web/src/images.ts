/** Images of a page, in a form that a worker can be sent. */
import { FiguregroundError, type ImageSource } from "./api.js";
import type { SentImage } from "./protocol.js";

/** What is sent of an image, and which of it is handed over instead of copied. */
export async function send(image: ImageSource): Promise<[SentImage, Transferable[]]> {
  if (typeof image === "string" || image instanceof URL) {
    return [new URL(image, document.baseURI).href, []];
  }
  if (image instanceof Blob || image instanceof ImageBitmap || image instanceof ImageData) {
    return [image, []];
  }
  const bitmap = await bitmapOf(image);
  return [bitmap, [bitmap]];
}

async function bitmapOf(
  image: HTMLImageElement | HTMLCanvasElement | OffscreenCanvas,
): Promise<ImageBitmap> {
  try {
    if (image instanceof HTMLImageElement) await image.decode();
    return await createImageBitmap(image, { premultiplyAlpha: "none" });
  } catch {
    const kind = Object.prototype.toString.call(image).slice(8, -1);
    throw new FiguregroundError(
      "image",
      `the ${kind} has no pixels to read; give a file, a URL, an image that loads, or a canvas with pixels`,
    );
  }
}

/** Canvases that hold pixels. */
import type { Size } from "./pure/frames";
import type { Layer } from "./pure/layers";

export interface LayerCanvas extends Omit<Layer, "data"> {
  readonly canvas: OffscreenCanvas;
}

/** A canvas and its context. Throws RangeError where the browser makes none so large. */
export function makeCanvas(size: Size, colorSpace: PredefinedColorSpace = "srgb") {
  const canvas = new OffscreenCanvas(Math.round(size.width), Math.round(size.height));
  const context = canvas.getContext("2d", { colorSpace });
  if (!context) throw new RangeError(`no canvas of ${size.width} x ${size.height}`);
  context.imageSmoothingQuality = "high";
  return { canvas, context };
}

/** A canvas with these pixels: RGBA, straight. */
export function fromPixels(
  data: Uint8ClampedArray,
  size: Size,
  colorSpace: PredefinedColorSpace = "srgb",
): OffscreenCanvas {
  const { canvas, context } = makeCanvas(size, colorSpace);
  const pixels = data as Uint8ClampedArray<ArrayBuffer>;
  context.putImageData(new ImageData(pixels, size.width, size.height, { colorSpace }), 0, 0);
  return canvas;
}

/** A layer as a canvas. */
export function fromLayer(
  { data, ...layer }: Layer,
  colorSpace: PredefinedColorSpace,
): LayerCanvas {
  return { ...layer, canvas: fromPixels(data, layer, colorSpace) };
}

/** Give a canvas's memory back at once. */
export function release(canvas: OffscreenCanvas | null | undefined): void {
  if (canvas) canvas.width = canvas.height = 0;
}

/** Images of any kind to pixels, in a worker: strip by strip, so that canvases stay small. */
import { FiguregroundError, type Pixels } from "./api.js";
import { reasonOf } from "./download.js";
import type { SentImage } from "./protocol.js";

const STRIP = 1 << 22; // pixels of a canvas; some browsers refuse those of more than 16 million
const WIDEST = 4096; // columns of a canvas
const GLANCE = 256; // side of the copy in which colours beyond sRGB are looked for, pixels
const BEYOND = 0.01; // share of light by which a colour must leave sRGB to count

/** An image as its own pixels, and in sRGB as the network sees it; often the same. */
export interface DecodedImage {
  readonly pixels: Pixels;
  readonly rgb: Uint8ClampedArray;
}

/** Decode an image. Rejects with a FiguregroundError of code `image`. */
export async function decodeImage(image: SentImage): Promise<DecodedImage> {
  if (isImageData(image)) return fromImageData(image);
  const bitmap = await bitmapOf(image);
  try {
    const colorSpace = isWide(bitmap) ? "display-p3" : "srgb";
    const rgb = readPixels(bitmap, "srgb");
    const data = colorSpace === "srgb" ? rgb : readPixels(bitmap, colorSpace);
    return { pixels: { data, width: bitmap.width, height: bitmap.height, colorSpace }, rgb };
  } finally {
    bitmap.close();
  }
}

function isImageData(image: SentImage): image is ImageData {
  return typeof image === "object" && "data" in image;
}

function fromImageData(image: ImageData): DecodedImage {
  const { width, height, colorSpace } = image;
  // Canvases can also hold floats, whose white is 1.
  const levels = image.data as ArrayLike<number>;
  const data =
    levels instanceof Uint8ClampedArray
      ? levels
      : Uint8ClampedArray.from(levels, (value) => 255 * value);
  const pixels = { data, width, height, colorSpace };
  return { pixels, rgb: toSrgb(pixels) };
}

/** Pixels in sRGB; the array itself where they are so already. */
export function toSrgb({ data, width, height, colorSpace }: Pixels): Uint8ClampedArray {
  if (colorSpace === "srgb") return data;
  const converted = new Uint8ClampedArray(data.length);
  forTiles(width, height, (left, top, columns, rows) => {
    const context = contextOf(columns, rows, { colorSpace: "srgb" });
    const tile = new ImageData(columns, rows, { colorSpace });
    copyTile(data, width, tile.data, { left, top, columns, rows }, false);
    context.putImageData(tile, 0, 0);
    const read = context.getImageData(0, 0, columns, rows).data;
    release(context);
    copyTile(converted, width, read, { left, top, columns, rows }, true);
  });
  return converted;
}

async function bitmapOf(image: Exclude<SentImage, ImageData>): Promise<ImageBitmap> {
  if (image instanceof ImageBitmap) return image;
  const blob = typeof image === "string" ? await fetchImage(image) : image;
  if (blob.size === 0) throw new FiguregroundError("image", "the file is empty (0 bytes)");
  try {
    return await createImageBitmap(blob, { premultiplyAlpha: "none" });
  } catch {
    throw new FiguregroundError(
      "image",
      `the file cannot be read as an image${kindOf(blob)}; it is damaged, or of a kind that this browser does not know`,
    );
  }
}

function kindOf(blob: Blob): string {
  return blob.type ? ` (it says that it is ${blob.type.slice(0, 60)})` : "";
}

async function fetchImage(url: string): Promise<Blob> {
  try {
    const response = await fetch(url);
    if (response.ok) return await response.blob();
    throw new Error(`the server answers ${response.status}`);
  } catch (error) {
    const shown = url.slice(0, 100);
    throw new FiguregroundError("image", `${shown} cannot be fetched: ${reasonOf(error)}`);
  }
}

type Tile = { left: number; top: number; columns: number; rows: number };

function forTiles(
  width: number,
  height: number,
  work: (left: number, top: number, columns: number, rows: number) => void,
): void {
  const across = Math.min(width, WIDEST);
  const down = Math.max(1, Math.floor(STRIP / across));
  for (let top = 0; top < height; top += down) {
    for (let left = 0; left < width; left += across) {
      work(left, top, Math.min(across, width - left), Math.min(down, height - top));
    }
  }
}

/** Copy a tile out of the whole, or into it. */
function copyTile(
  whole: Uint8ClampedArray,
  width: number,
  tile: Uint8ClampedArray,
  { left, top, columns, rows }: Tile,
  into: boolean,
): void {
  for (let row = 0; row < rows; row += 1) {
    const place = 4 * ((top + row) * width + left);
    const [from, to] = [4 * row * columns, 4 * (row + 1) * columns];
    if (into) whole.set(tile.subarray(from, to), place);
    else tile.set(whole.subarray(place, place + 4 * columns), from);
  }
}

// What TypeScript does not know of canvases yet.
type Settings = CanvasRenderingContext2DSettings & { readonly colorType?: "float16" };
type Told = { getContextAttributes?(): Settings };

function contextOf(
  width: number,
  height: number,
  settings: Settings,
): OffscreenCanvasRenderingContext2D {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { ...settings, willReadFrequently: true });
  if (context !== null) return context;
  throw new FiguregroundError("image", `this browser gives no canvas of ${width}x${height} pixels`);
}

/**
 * A canvas to draw an image on and read it in a colour space. Whatever Chromium draws on a canvas of
 * Display P3 it also keeps as a copy, for as long as the page is open; half floats of sRGB hold the
 * same colours and leave none.
 */
function readingContext(
  width: number,
  height: number,
  colorSpace: PredefinedColorSpace,
): OffscreenCanvasRenderingContext2D {
  if (colorSpace === "srgb") return contextOf(width, height, { colorSpace });
  const context = contextOf(width, height, { colorType: "float16" });
  if ((context as Told).getContextAttributes?.().colorType === "float16") return context;
  release(context);
  return contextOf(width, height, { colorSpace });
}

/** Give a canvas's memory back at once: a collector counts it too low, and waits. */
function release({ canvas }: OffscreenCanvasRenderingContext2D): void {
  canvas.width = 0;
  canvas.height = 0;
}

function readPixels(bitmap: ImageBitmap, colorSpace: PredefinedColorSpace): Uint8ClampedArray {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(4 * width * height);
  forTiles(width, height, (left, top, columns, rows) => {
    const context = readingContext(columns, rows, colorSpace);
    context.drawImage(bitmap, left, top, columns, rows, 0, 0, columns, rows);
    const tile = context.getImageData(0, 0, columns, rows, { colorSpace }).data;
    release(context);
    copyTile(data, width, tile, { left, top, columns, rows }, true);
  });
  return data;
}

/** Return whether an image has colours that sRGB has not. */
function isWide(bitmap: ImageBitmap): boolean {
  const scale = Math.min(1, GLANCE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(scale * bitmap.width));
  const height = Math.max(1, Math.round(scale * bitmap.height));
  const context = readingContext(width, height, "display-p3");
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height, { colorSpace: "display-p3" });
  release(context);
  for (let at = 0; at < data.length; at += 4) {
    if (leavesSrgb(LIGHT[data[at]], LIGHT[data[at + 1]], LIGHT[data[at + 2]])) return true;
  }
  return false;
}

// IEC 61966-2-1, which Display P3 shares: from a level to light, 0 to 1.
const LIGHT = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** Return whether light of Display P3 lies outside sRGB; matrix of CSS Color 4, section 10.7. */
function leavesSrgb(red: number, green: number, blue: number): boolean {
  const r = 1.2249401762805598 * red - 0.2249401762805598 * green;
  const g = -0.0420569547096881 * red + 1.0420569547096881 * green;
  const b = -0.0196375545903344 * red - 0.0786360455506319 * green + 1.0982736001409663 * blue;
  return Math.min(r, g, b) < -BEYOND || Math.max(r, g, b) > 1 + BEYOND;
}

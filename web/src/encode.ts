/** Make a cutout into a file, or lay it over a colour. */
import { type Cutout, type EncodeOptions, FiguregroundError } from "./api.js";
import { encodePng } from "./png.js";

const QUALITY = 0.92; // of WebP and JPEG, 0 to 1
const TYPES = ["image/png", "image/webp", "image/jpeg"];

type Drawn = Pick<Cutout, "foreground" | "alpha" | "width" | "height" | "colorSpace">;

/** A file of a cutout. Rejects with a FiguregroundError of code `usage`. */
export async function encodeCutout(cutout: Drawn, options: EncodeOptions): Promise<Blob> {
  const { type = "image/png", quality = QUALITY } = options;
  if (!TYPES.includes(type)) {
    throw new FiguregroundError("usage", `type is one of ${TYPES.join(", ")}; got ${type}`);
  }
  const background = options.background ?? (type === "image/jpeg" ? "white" : undefined);
  const { width, height, colorSpace } = cutout;
  const data =
    background === undefined ? cutout.foreground : layOver(cutout, colorOf(background, colorSpace));
  if (type === "image/png") return encodePng(data, width, height, colorSpace);
  return encodeOnCanvas(data, cutout, { type, quality });
}

async function encodeOnCanvas(
  data: Uint8ClampedArray,
  { width, height, colorSpace }: Drawn,
  options: { type: string; quality: number },
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { colorSpace });
  const pixels = new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height, {
    colorSpace,
  });
  context?.putImageData(pixels, 0, 0);
  const blob = context && (await canvas.convertToBlob(options).catch(() => null));
  if (blob?.type === options.type) return blob;
  throw new FiguregroundError(
    "usage",
    `this browser writes no ${options.type} of ${width}x${height} pixels; take image/png`,
  );
}

type Color = readonly [red: number, green: number, blue: number, alpha: number];

/** Four levels, 0 to 255, of a CSS colour. */
function colorOf(text: string, colorSpace: PredefinedColorSpace): Color {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { colorSpace });
  if (context === null) throw new FiguregroundError("usage", "this browser gives no canvas");
  if (!isColor(context, text)) {
    throw new FiguregroundError(
      "usage",
      `background is a CSS colour, such as white or #00ff00; got ${text.slice(0, 60)}`,
    );
  }
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1, { colorSpace }).data;
  return [red, green, blue, alpha];
}

/** A canvas leaves its fill as it is where a text is no colour. */
function isColor(context: OffscreenCanvasRenderingContext2D, text: string): boolean {
  const seen = ["#000000", "#ffffff"].map((before) => {
    context.fillStyle = before;
    context.fillStyle = text;
    return context.fillStyle;
  });
  return seen[0] === seen[1];
}

/** Blend in the colour space of the image, as browsers do (Porter & Duff's `over`, 1984). */
function layOver({ foreground, alpha }: Drawn, color: Color): Uint8ClampedArray {
  const result = new Uint8ClampedArray(foreground.length);
  const behind = color[3] / 255;
  for (let at = 0, to = 0; at < alpha.length; at += 1, to += 4) {
    const share = alpha[at];
    const all = share + behind * (1 - share);
    if (all === 0) continue;
    for (let channel = 0; channel < 3; channel += 1) {
      const below = color[channel];
      result[to + channel] = below + (share / all) * (foreground[to + channel] - below);
    }
    result[to + 3] = 255 * all;
  }
  return result;
}

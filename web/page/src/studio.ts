/** One image with all its pixels: what the network found, what was painted, what is shown. */
import { unzlibSync, zlibSync } from "fflate";
import type { Cutout, Pixels, Remover } from "../../src/index.js";
import { fromLayer, fromPixels, type LayerCanvas, release } from "./canvas";
import { find, type Item } from "./items";
import type { Scene } from "./paint";
import { between, dab, type Point, paintStroke, type Stroke, union } from "./pure/brush";
import { type Box, personBox, type Size } from "./pure/frames";
import { blurBehind, shadow } from "./pure/layers";
import { type Alpha, feather, grow } from "./pure/matte";
import type { Settings } from "./pure/settings";

const NOBODY = 13; // alpha, of 255: where nothing is above it, nobody was found

// Loops, since `from` with a function takes ten times as long.

/** Alpha of 0 to 1 in 8 bits. */
export function toBytes(alpha: Float32Array): Alpha {
  const result = new Uint8Array(alpha.length);
  for (let i = 0; i < alpha.length; i++) result[i] = 255 * alpha[i] + 0.5;
  return result;
}

function toShares(alpha: Alpha): Float32Array {
  const result = new Float32Array(alpha.length);
  for (let i = 0; i < alpha.length; i++) result[i] = alpha[i] / 255;
  return result;
}

/** A matte to keep: the browser may put blobs on disk. */
export const pack = (alpha: Alpha): Blob => new Blob([zlibSync(alpha, { level: 1 })]);

const unpack = async (matte: Blob): Promise<Alpha> =>
  unzlibSync(new Uint8Array(await matte.arrayBuffer()));

/** Whether nobody is in a matte. */
export function isEmpty(alpha: Alpha): boolean {
  for (let i = 0; i < alpha.length; i++) if (alpha[i] > NOBODY) return false;
  return true;
}

/** The parts of the settings that pixels depend on; all else is drawn each time. */
const outlineKey = (s: Settings, strokes: readonly Stroke[]) =>
  `${s.feather} ${s.grow} ${strokes.length} ${strokes.at(-1)?.points.length ?? 0}`;

export class Studio {
  readonly id: number;
  readonly size: Size;
  scene: Scene;
  private readonly remover: Remover;
  private readonly pixels: Pixels;
  private readonly found: Alpha;
  /** What the network found, with what was painted. */
  private edited: Alpha;
  /** The person's colours and alpha as they are shown, RGBA. */
  private shown: ImageData;
  private applied: readonly Stroke[] = [];
  private key: string;

  private constructor(remover: Remover, id: number, pixels: Pixels, cutout: Cutout) {
    this.remover = remover;
    this.id = id;
    this.pixels = pixels;
    this.size = { width: pixels.width, height: pixels.height };
    this.found = toBytes(cutout.alpha);
    this.edited = this.found.slice();
    this.key = "0 0 0 0";
    this.shown = this.imageData(cutout);
    this.scene = {
      id,
      size: this.size,
      colorSpace: pixels.colorSpace,
      before: fromPixels(pixels.data, this.size, pixels.colorSpace),
      person: fromPixels(cutout.foreground, this.size, pixels.colorSpace),
      shadow: null,
      blurred: null,
      box: personBox(this.found, this.size),
    };
  }

  /** Open an image that the network has seen; `cutout` spares finding its colours again. */
  static async open(remover: Remover, item: Item, cutout?: Cutout): Promise<Studio> {
    if (cutout?.original) {
      const { width, height, colorSpace, original } = cutout;
      return new Studio(remover, item.id, { data: original, width, height, colorSpace }, cutout);
    }
    if (!item.matte) throw new Error("this image was not worked on yet");
    const pixels = await remover.decode(item.file);
    const alpha = toShares(await unpack(item.matte));
    return new Studio(remover, item.id, pixels, await remover.recolor(pixels, alpha, alpha));
  }

  /** Bring the scene up to date with settings and strokes. */
  async refresh(settings: Settings): Promise<void> {
    const strokes = find(this.id)?.strokes ?? [];
    this.replay(strokes);
    const key = outlineKey(settings, strokes);
    if (key !== this.key) {
      this.key = key;
      await this.reshape(settings);
    }
    this.addLayers(settings);
  }

  /** Paint so that `edited` holds exactly these strokes. */
  private replay(strokes: readonly Stroke[]): void {
    const goesOn = this.applied.every((stroke, n) => stroke === strokes[n]);
    if (!goesOn) this.edited = this.found.slice();
    for (const stroke of strokes.slice(goesOn ? this.applied.length : 0)) {
      paintStroke(this.edited, this.pixels.data, this.size, stroke);
    }
    this.applied = strokes;
  }

  private async reshape(settings: Settings): Promise<void> {
    const grown = grow(this.edited, this.size, settings.grow);
    const shown = feather(grown, this.size, settings.feather);
    // What was painted is the person: only what lies beyond it needs other colours than the image's.
    const cutout = await this.remover.recolor(this.pixels, toShares(this.edited), toShares(shown));
    const old = this.scene;
    this.shown = this.imageData(cutout);
    this.scene = {
      ...old,
      person: fromPixels(cutout.foreground, this.size, this.pixels.colorSpace),
      box: personBox(shown, this.size),
      shadow: null,
    };
    release(old.person);
    release(old.shadow?.canvas);
  }

  private addLayers(settings: Settings): void {
    const { colorSpace, data } = this.pixels;
    let layer: LayerCanvas | null = this.scene.shadow;
    if (settings.shadow && !layer) {
      layer = fromLayer(shadow(this.personAlpha(), this.size), colorSpace);
    }
    let blurred = this.scene.blurred;
    const deviation = (settings.blur * Math.max(this.size.width, this.size.height)) / 1000;
    if (settings.background === "blur" && this.blurKey !== `${deviation} ${this.key}`) {
      release(blurred?.canvas);
      blurred = fromLayer(blurBehind(data, this.edited, this.size, deviation), colorSpace);
      this.blurKey = `${deviation} ${this.key}`;
    }
    this.scene = { ...this.scene, shadow: layer, blurred };
  }
  private blurKey = "";

  private imageData({ foreground, width, height, colorSpace }: Cutout): ImageData {
    const data = foreground as Uint8ClampedArray<ArrayBuffer>;
    return new ImageData(data, width, height, { colorSpace });
  }

  private personAlpha(): Alpha {
    const result = new Uint8Array(this.edited.length);
    for (let i = 0; i < result.length; i++) result[i] = this.shown.data[4 * i + 3];
    return result;
  }

  /** Paint along a line at once, in the image's own colours; returns the points that were painted. */
  paint(from: Point, to: Point, brush: Omit<Stroke, "points">): Point[] {
    const points = between(from, to, brush.radius);
    let box: Box | null = null;
    for (const at of points) {
      box = union(box, dab(this.edited, this.pixels.data, this.size, at, brush));
    }
    if (box && box.width > 0 && box.height > 0) this.showPainted(box, brush.keep);
    return points;
  }

  private showPainted(box: Box, keep: boolean): void {
    const { data } = this.shown;
    const { left, top, width, height } = box;
    for (let y = top; y < top + height; y++) {
      for (let x = left, at = y * this.size.width + left; x < left + width; x++, at++) {
        const level = this.edited[at];
        const old = data[4 * at + 3];
        if (keep ? level <= old : level >= old) continue;
        data[4 * at + 3] = level;
        if (keep) data.set(this.pixels.data.subarray(4 * at, 4 * at + 3), 4 * at);
      }
    }
    this.scene.person.getContext("2d")?.putImageData(this.shown, 0, 0, left, top, width, height);
  }

  /** Count a stroke as painted: `paint` has done so already. */
  finish(stroke: Stroke): void {
    this.applied = [...this.applied, stroke];
  }

  /** Give the memory back. */
  close(): void {
    release(this.scene.before);
    release(this.scene.person);
    release(this.scene.shadow?.canvas);
    release(this.scene.blurred?.canvas);
  }
}

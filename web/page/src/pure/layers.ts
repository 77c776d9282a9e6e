/** Small layers behind the person: the blurred background, the shadow. RGBA, row by row. */
import type { Size } from "./frames";
import { type Alpha, soften } from "./matte";

export interface Layer extends Size {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** Pixels of the image that one of this layer stands for. */
  readonly factor: number;
  /** Pixels of the layer that lie beyond the image on each side. */
  readonly margin: number;
}

const SHADE = 0.5; // alpha of the shadow
const REACH = 1 / 60; // of the longer side: how far it falls, and how soft it is
const FINE = 2; // a blur this wide, in pixels, hides that its image was enlarged
const LITTLE = 1e-2; // share of background below which colours come from further away

/** Means over squares of `factor` pixels, of colours times weight, and of weight. */
function shrink(rgba: Uint8ClampedArray, alpha: Alpha, size: Size, factor: number): Planes {
  const width = Math.ceil(size.width / factor);
  const height = Math.ceil(size.height / factor);
  const planes = [0, 1, 2, 3].map(() => new Float32Array(width * height));
  const share = 1 / (255 * factor * factor);
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < size.width; x++, i++) {
      const at = row + Math.floor(x / factor);
      const weight = (255 - alpha[i]) * share;
      planes[0][at] += weight * rgba[4 * i];
      planes[1][at] += weight * rgba[4 * i + 1];
      planes[2][at] += weight * rgba[4 * i + 2];
      planes[3][at] += weight;
    }
  }
  return { planes, width, height };
}

interface Planes extends Size {
  readonly planes: Float32Array[];
}

function halve({ planes, width, height }: Planes): Planes {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const halved = planes.map((plane) => {
    const result = new Float32Array(w * h);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        result[(y >> 1) * w + (x >> 1)] += plane[y * width + x] / 4;
      }
    }
    return result;
  });
  return { planes: halved, width: w, height: h };
}

/**
 * Divide colours by their weight; where there is little, take the answer of half the resolution:
 * the pull-push of Gortler et al., "The Lumigraph", SIGGRAPH 1996.
 */
function fill(from: Planes): Float32Array[] {
  const { planes, width, height } = from;
  const weight = planes[3];
  if (width * height === 1)
    return planes.slice(0, 3).map((p) => p.map((v) => v / (weight[0] + 1e-6)));
  const coarse = fill(halve(from));
  const wide = Math.ceil(width / 2);
  return coarse.map((plane, channel) => {
    const result = new Float32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const around = plane[(y >> 1) * wide + (x >> 1)];
        result[i] = (planes[channel][i] + LITTLE * around) / (weight[i] + LITTLE);
      }
    }
    return result;
  });
}

/** The image's background out of focus, as if the person were not there. */
export function blurBehind(
  rgba: Uint8ClampedArray,
  alpha: Alpha,
  size: Size,
  deviation: number,
): Layer {
  const factor = Math.max(1, Math.floor(deviation / FINE));
  const small = shrink(rgba, alpha, size, factor);
  const { width, height } = small;
  const planes = small.planes.map((plane) => soften(plane, small, deviation / factor));
  const colors = fill({ planes, width, height });
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = colors[channel][i];
  }
  return { data, width, height, factor, margin: 0 };
}

/** How far a shadow falls to the right and down, and its softness, pixels of the image. */
export function shadowReach(size: Size): { x: number; y: number; blur: number } {
  const reach = Math.max(size.width, size.height) * REACH;
  return { x: reach / 2, y: reach, blur: Math.max(0.5, reach) };
}

/** The person's shadow before it falls: black, in the shape of the person, soft. */
export function shadow(alpha: Alpha, size: Size): Layer {
  const factor = Math.max(1, Math.ceil(Math.max(size.width, size.height) / 400));
  const deviation = shadowReach(size).blur / factor;
  const margin = Math.ceil(3 * deviation);
  const width = Math.ceil(size.width / factor) + 2 * margin;
  const height = Math.ceil(size.height / factor) + 2 * margin;
  const map = new Float32Array(width * height);
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = (Math.floor(y / factor) + margin) * width + margin;
    for (let x = 0; x < size.width; x++, i++) map[row + Math.floor(x / factor)] += alpha[i];
  }
  const soft = soften(map, { width, height }, deviation);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < soft.length; i++) data[4 * i + 3] = (soft[i] * SHADE) / factor ** 2;
  return { data, width, height, factor, margin };
}

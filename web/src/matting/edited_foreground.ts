/** Foreground colours where the matte was edited, or the image was cut out before. */
import { gaussianBlur } from "./filters.js";
import { estimateForeground } from "./foreground.js";
import type { Plane, Rgba, Size } from "./plane.js";
import { areaTaps, linearTaps } from "./resample.js";
import { resampled } from "./resize.js";

const REACH = 1 / 340; // share of the longest side: how far around colours are averaged that are continued
const FINE = 2; // a blur this wide, standard deviation in pixels, hides that its image was enlarged
const MOST = 1 << 22; // pixels of the copy that is blurred, so that huge images fit into memory
const LITTLE = 1e-2; // share of colours below which they come from further away

/**
 * Colours of the people in an image that has transparency: where it is not opaque, the person was
 * cut out before, and the image's colours are the person's. The fourth channel is `matte`.
 */
export function cutOutForeground(image: Rgba, matte: Plane): Uint8ClampedArray {
  const colors = estimateForeground(image, matte);
  for (let to = 0; to < colors.length; to += 4) {
    if (image.data[to + 3] === 255 || matte.data[to / 4] === 0) continue;
    colors.set(image.data.subarray(to, to + 3), to);
  }
  return colors;
}

/**
 * Colours for a matte whose outline was changed: those that `found` tells, continued where `shown`
 * goes beyond it, black where nothing is shown. The fourth channel is `shown` in 8 bits.
 */
export function editedForeground(image: Rgba, found: Plane, shown: Plane): Uint8ClampedArray {
  const colors = cutOutForeground(image, found);
  const beyond = (at: number) => shown.data[at] > 0 && found.data[at] === 0;
  const around = shown.data.some((_, at) => beyond(at))
    ? continuedColors({ ...image, data: colors }, found)
    : null;
  for (let at = 0, to = 0; at < shown.data.length; at += 1, to += 4) {
    if (shown.data[at] === 0) colors.fill(0, to, to + 3);
    else if (around !== null && beyond(at)) around(at, colors);
    colors[to + 3] = Math.fround(shown.data[at] * 255);
  }
  return colors;
}

/** Return what gives a pixel the colours around it, weighted with the square of `cover`. */
function continuedColors(image: Rgba, cover: Plane) {
  const { height, width } = cover;
  const radius = Math.max(1, REACH * Math.max(height, width));
  const factor = Math.max(
    1,
    Math.floor(radius / FINE),
    Math.floor(Math.sqrt(Math.floor((height * width) / MOST))),
  );
  const layers = weighedMeans(image, cover, factor).map((plane) =>
    gaussianBlur(plane, radius / factor, "replicate"),
  );
  const planes = carryOn(layers).map(rounded);
  return (at: number, colors: Uint8ClampedArray): void => {
    const [row, column] = [Math.floor(at / width), at % width];
    for (let channel = 0; channel < 3; channel += 1) {
      colors[4 * at + channel] = sample(planes[channel], row, column, factor);
    }
  };
}

function rounded(plane: Plane): Plane {
  return { ...plane, data: Float32Array.from(Uint8ClampedArray.from(plane.data)) };
}

/** A pixel between the squares of a small copy, linearly. */
function sample({ data, height, width }: Plane, row: number, column: number, factor: number) {
  const y = Math.min(height - 1, Math.max(0, (row + 0.5) / factor - 0.5));
  const x = Math.min(width - 1, Math.max(0, (column + 0.5) / factor - 0.5));
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
  const mix = (line: number) => {
    const first = data[line * width + left];
    return first + (x - left) * (data[line * width + right] - first);
  };
  return mix(top) + (y - top) * (mix(bottom) - mix(top));
}

/** Means over squares of red, green, blue times cover squared, and of cover squared. */
function weighedMeans(image: Rgba, cover: Plane, factor: number): Plane[] {
  const size = { height: Math.ceil(cover.height / factor), width: Math.ceil(cover.width / factor) };
  const layers = [0, 1, 2, 3].map(() => new Float32Array(size.height * size.width));
  for (let y = 0; y < size.height * factor; y += 1) {
    const row = Math.min(y, cover.height - 1) * cover.width;
    for (let x = 0; x < size.width * factor; x += 1) {
      const at = row + Math.min(x, cover.width - 1);
      const weight = (cover.data[at] * cover.data[at]) / (factor * factor);
      if (weight === 0) continue;
      const to = Math.floor(y / factor) * size.width + Math.floor(x / factor);
      for (let layer = 0; layer < 3; layer += 1) {
        layers[layer][to] += weight * image.data[4 * at + layer];
      }
      layers[3][to] += weight;
    }
  }
  return layers.map((data) => ({ data, ...size }));
}

/**
 * Divide by the weight, the last layer; where there is little, take the answer of half the
 * resolution: the pull-push of Gortler et al., "The Lumigraph", SIGGRAPH 1996.
 */
function carryOn(layers: readonly Plane[]): Plane[] {
  const { height, width, data: weight } = layers[3];
  const colors = layers.slice(0, 3);
  if (height * width === 1) return colors.map((plane) => divided(plane, weight, 1e-6));
  const half: Size = { height: (height + 1) >> 1, width: (width + 1) >> 1 };
  const coarser = carryOn(layers.map((plane) => resampled(plane, half, areaTaps)));
  return colors.map((plane, channel) => {
    const around = resampled(coarser[channel], { height, width }, linearTaps).data;
    const data = plane.data.map(
      (value, at) => (value + LITTLE * around[at]) / (weight[at] + LITTLE),
    );
    return { data, height, width };
  });
}

function divided(plane: Plane, weight: Float32Array, least: number): Plane {
  return { ...plane, data: plane.data.map((value, at) => value / Math.max(weight[at], least)) };
}

/** Bring an image or a plane to another size: average where an axis shrinks, interpolate where it grows. */
import { type Plane, type Rgba, roundHalfEven, type Size } from "./plane.js";
import { areaTaps, cubicTaps, linearTaps, resample, type Samples, type Taps } from "./resample.js";

type TapsOf = (length: number, samples: number) => Taps;

const BITS = 11; // of OpenCV's linear weights for 8 bits, which it keeps as whole numbers
const ONE = 1 << BITS;

/** A plane of another size. `grow` says how it is interpolated; OpenCV's resize is `linear` both ways. */
export function resizePlane(plane: Plane, size: Size, grow: "linear" | "cubic"): Plane {
  const small = {
    height: Math.min(plane.height, size.height),
    width: Math.min(plane.width, size.width),
  };
  const shrunk = isSame(plane, small) ? plane : resampled(plane, small, areaTaps);
  const taps = grow === "cubic" ? cubicTaps : linearTaps;
  return isSame(shrunk, size) ? shrunk : resampled(shrunk, size, taps);
}

/** A plane of another size, averaged if `areaTaps`, else interpolated, on both axes. */
export function resampled(plane: Plane, size: Size, tapsOf: TapsOf): Plane {
  const data = new Float32Array(size.height * size.width);
  resample(
    { ...plane, stride: 1, channels: 1 },
    tapsOf(plane.height, size.height),
    tapsOf(plane.width, size.width),
    (row, values) => data.set(values, row * size.width),
  );
  return { data, height: size.height, width: size.width };
}

/** Colours of another size: three levels a pixel, whole numbers 0 to 255, as OpenCV rounds them. */
export function resizeColors(image: Rgba, size: Size): Float32Array {
  const small = {
    height: Math.min(image.height, size.height),
    width: Math.min(image.width, size.width),
  };
  const shrunk = isSame(image, small) ? withoutAlpha(image) : shrinkColors(image, small);
  return isSame(small, size) ? shrunk : growColors(shrunk, small, size);
}

function shrinkColors(image: Rgba, size: Size): Float32Array {
  const data = new Float32Array(3 * size.height * size.width);
  const halved = image.height === 2 * size.height && image.width === 2 * size.width;
  const round = halved ? Math.round : roundHalfEven; // OpenCV has code of its own for halves
  resample(
    { ...image, stride: 4, channels: 3 },
    areaTaps(image.height, size.height),
    areaTaps(image.width, size.width),
    (row, values) => {
      const base = 3 * row * size.width;
      for (let at = 0; at < values.length; at += 1) data[base + at] = round(values[at]);
    },
  );
  return data;
}

function growColors(colors: Float32Array, from: Size, size: Size): Float32Array {
  const source: Samples = { data: colors, ...from, stride: 3, channels: 3 };
  const data = new Float32Array(3 * size.height * size.width);
  const down = whole(linearTaps(from.height, size.height));
  const across = whole(linearTaps(from.width, size.width));
  resample(source, down, across, (row, values) => {
    const base = 3 * row * size.width;
    for (let at = 0; at < values.length; at += 1) {
      data[base + at] = Math.floor(values[at] / (ONE * ONE) + 0.5);
    }
  });
  return data;
}

/** Weights as whole numbers of 11 bits. */
function whole(taps: Taps): Taps {
  return { ...taps, weight: taps.weight.map((share) => roundHalfEven(share * ONE)) };
}

function withoutAlpha(image: Rgba): Float32Array {
  const data = new Float32Array(3 * image.height * image.width);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = image.data[from];
    data[to + 1] = image.data[from + 1];
    data[to + 2] = image.data[from + 2];
  }
  return data;
}

function isSame(one: Size, other: Size): boolean {
  return one.height === other.height && one.width === other.width;
}

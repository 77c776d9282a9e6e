/** Bring an image or a plane to another size: average where an axis shrinks, interpolate where it grows. */
import { type Plane, type Rgba, roundHalfEven, type Size } from "./plane.js";
import { areaTaps, cubicTaps, linearTaps, resample, sumTaps, type Taps } from "./resample.js";

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
  const [down, across] = [image.height / size.height, image.width / size.width];
  const whole = Number.isInteger(down) && Number.isInteger(across); // of which OpenCV sums up
  const tapsOf = whole ? sumTaps : areaTaps;
  const scale = whole ? Math.fround(1 / (down * across)) : 1;
  const round = down === 2 && across === 2 ? Math.round : roundHalfEven; // halves: code of its own
  resample(
    { ...image, stride: 4, channels: 3 },
    tapsOf(image.height, size.height),
    tapsOf(image.width, size.width),
    (row, values) => {
      const base = 3 * row * size.width;
      for (let at = 0; at < values.length; at += 1) {
        data[base + at] = round(Math.fround(values[at] * scale));
      }
    },
  );
  return data;
}

/** Interpolate three levels a pixel linearly, in whole numbers, as OpenCV does with 8 bits. */
function growColors(colors: Float32Array, from: Size, size: Size): Float32Array {
  const data = new Float32Array(3 * size.height * size.width);
  const down = neighbours(from.height, size.height);
  const across = neighbours(from.width, size.width);
  const lines: Int32Array[] = [];
  for (let row = 0; row < from.height; row += 1) {
    lines.push(mixLine(colors.subarray(3 * row * from.width), across, size.width));
  }
  for (let row = 0, to = 0; row < size.height; row += 1) {
    const [above, below] = [lines[down.first[row]], lines[down.second[row]]];
    const share = down.share[row];
    for (let at = 0; at < 3 * size.width; at += 1, to += 1) {
      const upper = ((ONE - share) * (above[at] >> 4)) >> 16;
      data[to] = (upper + ((share * (below[at] >> 4)) >> 16) + 2) >> 2;
    }
  }
  return data;
}

/**
 * For each pixel of an axis the two that it lies between, and the share of the second of `ONE`. At the
 * ends they are the same one; OpenCV mixes it with itself there, and rounds as it does elsewhere.
 */
interface Neighbours {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Int32Array;
}

function neighbours(length: number, samples: number): Neighbours {
  const [first, second, share] = [0, 1, 2].map(() => new Int32Array(samples));
  for (let at = 0; at < samples; at += 1) {
    const place = ((at + 0.5) * length) / samples - 0.5;
    const below = Math.floor(place);
    first[at] = Math.max(0, below);
    second[at] = Math.min(below + 1, length - 1);
    share[at] = roundHalfEven(Math.fround(place - below) * ONE);
  }
  return { first, second, share };
}

function mixLine(colors: Float32Array, across: Neighbours, width: number): Int32Array {
  const line = new Int32Array(3 * width);
  for (let column = 0, to = 0; column < width; column += 1) {
    const [first, second] = [3 * across.first[column], 3 * across.second[column]];
    const share = across.share[column];
    for (let channel = 0; channel < 3; channel += 1, to += 1) {
      line[to] = (ONE - share) * colors[first + channel] + share * colors[second + channel];
    }
  }
  return line;
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

/** Means of an image's colours, weighted with powers of its matte, over small squares. */
import type { Plane, Region, Rgba } from "./plane.js";
import { roundHalfEven } from "./plane.js";

/** Red, green, blue and weight, each a plane of squares: what is done to the one is done to all. */
export type Weighted = readonly [Plane, Plane, Plane, Plane];

/** Means over squares of pixels, of colours and 1. */
export interface Moments {
  readonly zeroth: Weighted; // not weighted
  readonly first: Weighted; // weighted with alpha
  readonly second: Weighted; // weighted with its square
  readonly cube: Plane; // the cube of alpha alone
}

/** Four planes of zeros. */
export function emptyWeighted(height: number, width: number): Weighted {
  const plane = (): Plane => ({ data: new Float32Array(height * width), height, width });
  return [plane(), plane(), plane(), plane()];
}

/** Moments to be filled in, of so many squares down and across. */
export function emptyMoments(height: number, width: number): Moments {
  return {
    zeroth: emptyWeighted(height, width),
    first: emptyWeighted(height, width),
    second: emptyWeighted(height, width),
    cube: { data: new Float32Array(height * width), height, width },
  };
}

/** Sums over one square: of red, green, blue and 1, weighted with alpha to the power 0, 1, 2; of its cube. */
type Sums = Float64Array; // 13

/**
 * Fill in moments of a part of the image.
 *
 * @param part starts at a whole square; at its ends the last pixel is repeated to whole squares.
 * @param sure alpha is all 0 or all 1 in nearly each square: its powers are itself.
 */
export function measure(
  image: Rgba,
  alpha: Plane,
  part: Region,
  factor: number,
  moments: Moments,
  sure: boolean,
): void {
  const sums = new Float64Array(13);
  const width = moments.cube.width;
  for (let top = part.top; top < part.bottom; top += factor) {
    for (let left = part.left; left < part.right; left += factor) {
      sum(image, alpha, { ...part, top, left }, factor, sums);
      const at = (top / factor) * width + left / factor;
      if (sure) putSure(moments, at, sums, factor * factor);
      else put(moments, at, sums, factor * factor);
    }
  }
}

function sum(image: Rgba, alpha: Plane, square: Region, factor: number, sums: Sums): void {
  sums.fill(0);
  for (let y = square.top; y < square.top + factor; y += 1) {
    const row = Math.min(y, square.bottom - 1) * image.width;
    for (let x = square.left; x < square.left + factor; x += 1) {
      const at = row + Math.min(x, square.right - 1);
      add(sums, image.data, 4 * at, alpha.data[at]);
    }
  }
}

function add(sums: Sums, pixels: Uint8ClampedArray, from: number, share: number): void {
  let [red, green, blue, one] = [pixels[from], pixels[from + 1], pixels[from + 2], 1];
  for (let power = 0; power < 12; power += 4) {
    sums[power] += red;
    sums[power + 1] += green;
    sums[power + 2] += blue;
    sums[power + 3] += one;
    if (share === 0) return;
    red *= share;
    green *= share;
    blue *= share;
    one *= share;
  }
  sums[12] += one;
}

function put(moments: Moments, at: number, sums: Sums, area: number): void {
  for (let channel = 0; channel < 4; channel += 1) {
    moments.zeroth[channel].data[at] = sums[channel] / area;
    moments.first[channel].data[at] = sums[4 + channel] / area;
    moments.second[channel].data[at] = sums[8 + channel] / area;
  }
  moments.cube.data[at] = sums[12] / area;
}

function putSure(moments: Moments, at: number, sums: Sums, area: number): void {
  const share = sums[7] / area;
  for (let channel = 0; channel < 4; channel += 1) {
    const mean = channel === 3 ? 1 : roundHalfEven(sums[channel] / area);
    moments.zeroth[channel].data[at] = mean;
    moments.first[channel].data[at] = mean * share;
    moments.second[channel].data[at] = mean * share;
  }
  moments.cube.data[at] = share;
}

/**
 * The person's own colours, where hair and soft edges let the old background shine through.
 *
 * Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021, on a small copy of
 * the image; only the last sharing out works on the image itself.
 */
import { boxBlur, filter } from "./filters.js";
import { emptyMoments, emptyWeighted, type Moments, measure, type Weighted } from "./moments.js";
import { boundsOf, type Plane, type Region, type Rgba, sizeOf } from "./plane.js";

const COARSE = 340; // longest side of the small copy that both passes work on, pixels
const FAR = 90; // side of the first pass's window, pixels of the image ...
const FAREST = 30; // ... but at least this, pixels of the small copy
const NEAR = 6; // side of the second pass's window, pixels ...
const NEAREST = 1 / 170; // ... but at least this share of the image's longest side
const TILE = 192; // side of a tile, pixels
const TINY = Math.fround(1e-5); // keeps a mean over nothing from dividing by nought

/**
 * Estimate the person's colours without the background that shows through.
 *
 * Where alpha is 1 the image's own pixels come back; where it is 0 the result is black. The fourth
 * channel is alpha in 8 bits.
 */
export function estimateForeground(image: Rgba, alpha: Plane): Uint8ClampedArray {
  const longest = Math.max(alpha.height, alpha.width);
  const factor = Math.max(2, Math.ceil(longest / COARSE));
  const parts = softParts(alpha, factor);
  const moments = measureAll(image, alpha, factor, parts);
  const far = lookFar(moments, Math.max(FAREST, Math.floor(FAR / factor)));
  const window = Math.max(NEAR, NEAREST * longest) / factor;
  const near = lookNear(moments, far, window);
  const result = copySure(image, alpha);
  const mix = { near, factor, image, alpha, result };
  for (const part of parts) shareOut(part, mix);
  return result;
}

/** Pixels where alpha is above 0, with alpha; black elsewhere. */
function copySure(image: Rgba, alpha: Plane): Uint8ClampedArray {
  const result = new Uint8ClampedArray(4 * alpha.data.length);
  for (let at = 0, to = 0; at < alpha.data.length; at += 1, to += 4) {
    const share = alpha.data[at];
    if (share === 0) continue;
    result[to] = image.data[to];
    result[to + 1] = image.data[to + 1];
    result[to + 2] = image.data[to + 2];
    result[to + 3] = Math.fround(share * 255);
  }
  return result;
}

/** For each tile the part, in whole squares, outside which alpha is 0 or 1; none where all is. */
function softParts(alpha: Plane, factor: number): Region[] {
  const side = factor * Math.max(1, Math.floor(TILE / factor));
  const parts: Region[] = [];
  for (let top = 0; top < alpha.height; top += side) {
    for (let left = 0; left < alpha.width; left += side) {
      const bottom = Math.min(top + side, alpha.height);
      const right = Math.min(left + side, alpha.width);
      const part = softPart(alpha, { top, left, bottom, right }, factor);
      if (part !== null) parts.push(part);
    }
  }
  return parts;
}

function softPart(alpha: Plane, tile: Region, factor: number): Region | null {
  const { height, width } = sizeOf(tile);
  const soft = new Uint8Array(height * width);
  for (let row = 0, to = 0; row < height; row += 1) {
    const from = (tile.top + row) * alpha.width + tile.left;
    for (let column = 0; column < width; column += 1, to += 1) {
      const share = alpha.data[from + column];
      soft[to] = share > 0 && share < 1 ? 1 : 0;
    }
  }
  const box = boundsOf(soft, height, width);
  if (box === null) return null;
  return {
    top: tile.top + box.top - (box.top % factor),
    left: tile.left + box.left - (box.left % factor),
    bottom: tile.top + box.bottom,
    right: tile.left + box.right,
  };
}

function measureAll(image: Rgba, alpha: Plane, factor: number, parts: Region[]): Moments {
  const { height, width } = alpha;
  const moments = emptyMoments(Math.ceil(height / factor), Math.ceil(width / factor));
  const whole = { top: 0, left: 0, bottom: height, right: width };
  measure(image, alpha, whole, factor, moments, true); // of the soft ones too, written over then
  for (const part of parts) measure(image, alpha, part, factor, moments, false);
  return moments;
}

/** Mean colours of the person and of what is behind. */
interface Layers {
  readonly person: Weighted;
  readonly behind: Weighted;
}

/** Mean colours from far around. */
function lookFar(moments: Moments, window: number): Layers {
  const around = (layer: Weighted) => mean(layer, (plane) => boxBlur(plane, window, "replicate"));
  return { person: around(moments.second), behind: around(behindOf(moments)) };
}

/** Colours and 1, weighted with the square of 1 - alpha. */
function behindOf({ zeroth, first, second }: Moments): Weighted {
  return combined((channel, at) => {
    return zeroth[channel].data[at] + second[channel].data[at] - 2 * first[channel].data[at];
  }, zeroth);
}

function combined(value: (channel: number, at: number) => number, like: Weighted): Weighted {
  const result = emptyWeighted(like[0].height, like[0].width);
  for (let channel = 0; channel < 4; channel += 1) {
    const { data } = result[channel];
    for (let at = 0; at < data.length; at += 1) data[at] = value(channel, at);
  }
  return result;
}

/**
 * The same from close around, the pixels being cleared by what the first pass found.
 *
 * A pixel's own colour of the person is F + alpha (I - alpha F - (1 - alpha) B), with F and B what
 * the first pass found, and of what is behind likewise. Weighted with alpha and averaged over a
 * square, that is a sum of products of F, B and the moments.
 */
function lookNear(moments: Moments, far: Layers, window: number): Layers {
  const one = moments.first[3].data;
  const two = moments.second[3].data;
  const three = moments.cube.data;
  const nearBehind = behindOf(moments);
  const person = combined((channel, at) => {
    const [f, b] = [far.person[channel].data[at], far.behind[channel].data[at]];
    const own = moments.second[channel].data[at];
    return own + f * (one[at] - three[at]) - b * (two[at] - three[at]);
  }, far.person);
  const behind = combined((channel, at) => {
    const [f, b] = [far.person[channel].data[at], far.behind[channel].data[at]];
    const more = b * (2 * one[at] - 3 * two[at] + three[at]);
    return nearBehind[channel].data[at] + more - f * (one[at] - 2 * two[at] + three[at]);
  }, far.person);
  const weights = windowOf(window);
  const around = (layer: Weighted) => mean(layer, (plane) => filter(plane, weights, "replicate"));
  return { person: around(person), behind: around(behind) };
}

/** Weights of a mean over `width` pixels, 1 or more, the outermost counted in part. */
function windowOf(width: number): Float64Array {
  const reach = Math.max(1, Math.ceil((width - 1) / 2));
  const weights = new Float64Array(2 * reach + 1).fill(1 / width);
  weights[0] = (width - (2 * reach - 1)) / 2 / width;
  weights[2 * reach] = weights[0];
  return weights;
}

/** Averaged colours divided by their averaged weight. */
function mean(layer: Weighted, average: (plane: Plane) => Plane): Weighted {
  const blurred = layer.map(average);
  const weight = blurred[3].data.map((value) => value + TINY);
  const [red, green, blue, last] = blurred.map((plane) => {
    return { ...plane, data: plane.data.map((value, at) => value / weight[at]) };
  });
  return [red, green, blue, last];
}

interface Mix {
  readonly near: Layers;
  readonly factor: number;
  readonly image: Rgba;
  readonly alpha: Plane;
  readonly result: Uint8ClampedArray;
}

/** Give each soft pixel of a part F + alpha (I - alpha F - (1 - alpha) B), in place. */
function shareOut(part: Region, { near, factor, image, alpha, result }: Mix): void {
  const { height, width } = near.person[0];
  const layers = [...near.person.slice(0, 3), ...near.behind.slice(0, 3)].map(({ data }) => data);
  const columns: Between[] = [];
  for (let column = part.left; column < part.right; column += 1) {
    columns.push(between(column, factor, width));
  }
  const cells = { from: columns[0].below, to: columns[columns.length - 1].above + 1 };
  const mixed = layers.map(() => new Float64Array(width));
  for (let row = part.top; row < part.bottom; row += 1) {
    const place = between(row, factor, height);
    for (const [layer, data] of layers.entries()) mixRow(data, place, width, cells, mixed[layer]);
    for (let column = part.left; column < part.right; column += 1) {
      const at = row * alpha.width + column;
      const share = alpha.data[at];
      if (!(share > 0 && share < 1)) continue;
      const { below, above, rest } = columns[column - part.left];
      for (let channel = 0; channel < 3; channel += 1) {
        const [person, behind] = [mixed[channel], mixed[channel + 3]];
        const f = person[below] + rest * (person[above] - person[below]);
        const b = behind[below] + rest * (behind[above] - behind[below]);
        const own = image.data[4 * at + channel];
        result[4 * at + channel] = f + share * (own - share * f - (1 - share) * b);
      }
    }
  }
}

interface Between {
  readonly below: number;
  readonly above: number;
  readonly rest: number;
}

/** The two squares that a pixel's centre lies between, and how far beyond the first. */
function between(pixel: number, factor: number, squares: number): Between {
  const place = Math.min(squares - 1, Math.max(0, (pixel + 0.5) / factor - 0.5));
  const below = Math.floor(place);
  return { below, above: Math.min(below + 1, squares - 1), rest: place - below };
}

/** Mix two rows of squares, from one of them to another, each colour cut off at black and white. */
function mixRow(
  data: Float32Array,
  place: Between,
  width: number,
  cells: { readonly from: number; readonly to: number },
  mixed: Float64Array,
): void {
  const [base, next] = [place.below * width, place.above * width];
  for (let at = cells.from; at < cells.to; at += 1) {
    const one = Math.min(255, Math.max(0, data[base + at]));
    const other = Math.min(255, Math.max(0, data[next + at]));
    mixed[at] = one + place.rest * (other - one);
  }
}

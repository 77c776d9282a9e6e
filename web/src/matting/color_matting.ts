/**
 * Refine the small matte at the edges of the full-size image, by the colours on both sides of them.
 *
 * alpha = (pixel - B) . (F - B) / |F - B|^2, with the mean colours of person and background around,
 * believed as far as the two lie farther apart than either varies: Wang & Cohen, "Optimized Color
 * Sampling for Robust Matting", CVPR 2007, with means over windows in place of samples.
 */
import { boxBlur } from "./filters.js";
import { channelOf, type Letterboxed, unletterbox } from "./letterbox.js";
import { crop, filled, type Plane, type Rgba, type Size } from "./plane.js";
import { resizePlane } from "./resize.js";
import { marked } from "./small_regions.js";

const CELL = 4; // side of what colours are averaged over, pixels of the input ...
const WINDOW = 5; // ... and then twice in windows of so many cells
const SCARCE = 0.02; // share of a window that has to be person, and background, to count
const VARIED = 4; // how much the variances of F and B count against their distance
const ALIKE = 0.02; // squared distance of F and B (white is 1) at which it counts as half
const UNSURE = 4; // times alpha (1 - alpha), up to 1: how far a matte is moved

/** What gives alpha: a . red + b . green + c . blue - d; and how far to trust it. */
export type Model = readonly [Plane, Plane, Plane, Plane, Plane];

/** The matte at the size of the image, with the edges of the image. */
export function refineEdges(small: Plane, image: Rgba, { square, placement }: Letterboxed): Plane {
  const alpha = unletterbox(small, placement);
  const channels = [0, 1, 2].map((channel) => channelOf(square, channel, placement));
  mixIn(alpha, image, learn(channels, crop(small, placement.window)));
  return alpha;
}

/** Learn how colours tell alpha, for each cell; nought where no pixel around is unsure. */
export function learn(channels: readonly Plane[], small: Plane): Model {
  const cells = { height: Math.ceil(small.height / CELL), width: Math.ceil(small.width / CELL) };
  const [red, green, blue, offset, trust] = [0, 1, 2, 3, 4].map(() => ({
    data: new Float32Array(cells.height * cells.width),
    ...cells,
  }));
  const near = nearUnsure(small, cells);
  if (near.includes(1)) {
    const half = { height: Math.max(1, small.height >> 1), width: Math.max(1, small.width >> 1) };
    const colors = channels.map((channel) => resizePlane(channel, half, "linear"));
    const cover = resizePlane(small, half, "linear");
    const rest = { ...cover, data: cover.data.map((value) => 1 - value) };
    const [person, behind] = [sideOf(colors, cover, cells), sideOf(colors, rest, cells)];
    for (let at = 0; at < near.length; at += 1) {
      if (!near[at]) continue;
      const across = person.mean.map((mean, channel) => mean[at] - behind.mean[channel][at]);
      const apart = across.reduce((sum, value) => sum + value * value, 0);
      [red, green, blue].forEach((layer, channel) => {
        layer.data[at] = across[channel] / (apart + 1e-6);
        offset.data[at] += layer.data[at] * behind.mean[channel][at];
      });
      const varied = person.variance[at] + behind.variance[at];
      trust.data[at] =
        (apart / (apart + VARIED * varied + ALIKE)) *
        Math.min(1, person.share[at] / SCARCE) *
        Math.min(1, behind.share[at] / SCARCE);
    }
  }
  return [red, green, blue, offset, trust];
}

/** Mark cells that are mixed into pixels which are neither sure person nor sure background. */
function nearUnsure(small: Plane, cells: Size): Uint8Array {
  const [largest, smallest] = [around(small, Math.max), around(small, Math.min)];
  const unsure = filled(new Float32Array(small.data.length), (at) =>
    largest[at] > 0 && smallest[at] < 1 ? 1 : 0,
  );
  const some = around(resizePlane({ ...small, data: unsure }, cells, "linear"), Math.max);
  return marked(some, (value) => value > 0);
}

/** What `pick` takes of the nine values around each pixel, as far as there are such. */
function around(plane: Plane, pick: (a: number, b: number, c: number) => number): Float32Array {
  const { data, height, width } = plane;
  const [rows, result] = [new Float32Array(data.length), new Float32Array(data.length)];
  for (let from = 0; from < data.length; from += width) {
    for (let column = 0; column < width; column += 1) {
      const [left, right] = [Math.max(0, column - 1), Math.min(width - 1, column + 1)];
      rows[from + column] = pick(data[from + left], data[from + column], data[from + right]);
    }
  }
  for (let row = 0; row < height; row += 1) {
    const above = Math.max(0, row - 1) * width;
    const below = Math.min(height - 1, row + 1) * width;
    for (let column = 0, at = row * width; column < width; column += 1, at += 1) {
      result[at] = pick(rows[above + column], rows[at], rows[below + column]);
    }
  }
  return result;
}

/** Of what is covered around each cell: its mean colours, their variance, and how much of it is there. */
interface Side {
  readonly mean: readonly Float32Array[];
  readonly variance: Float32Array;
  readonly share: Float32Array;
}

function sideOf(colors: readonly Plane[], cover: Plane, cells: Size): Side {
  const average = (data: Float32Array) => {
    const plane = resizePlane({ ...cover, data }, cells, "linear");
    return boxBlur(boxBlur(plane, WINDOW), WINDOW).data;
  };
  const [red, green, blue] = colors.map(({ data }) => data);
  const weight = cover.data.map((value) => value * value * value * value);
  const energy = weight.map(
    (value, at) => value * (red[at] * red[at] + green[at] * green[at] + blue[at] * blue[at]),
  );
  const share = average(weight).map((value) => value + 1e-4);
  const mean = [red, green, blue].map((data) =>
    average(weight.map((value, at) => value * data[at])).map((value, at) => value / share[at]),
  );
  const [r, g, b] = mean;
  const variance = average(energy).map((value, at) =>
    Math.max(0, value / share[at] - r[at] * r[at] - g[at] * g[at] - b[at] * b[at]),
  );
  return { mean, variance, share };
}

/** Where the pixels of one axis lie between cells: the one before, and how far beyond it. */
interface Places {
  readonly below: Int32Array;
  readonly share: Float32Array;
}

function placesOf(length: number, samples: number): Places {
  const [below, share] = [new Int32Array(length), new Float32Array(length)];
  for (let at = 0; at < length; at += 1) {
    const raw = ((at + 0.5) * samples) / length - 0.5;
    const place = Math.min(samples - 1, Math.max(0, raw));
    below[at] = Math.min(Math.floor(place), Math.max(0, samples - 2));
    share[at] = place - below[at];
  }
  return { below, share };
}

/** Move an enlarged matte, where it is unsure, towards what its colours tell, in place. */
export function mixIn(alpha: Plane, image: Rgba, model: Model): void {
  const { height, width } = model[0];
  const [down, across] = [placesOf(alpha.height, height), placesOf(alpha.width, width)];
  const mixed = model.map(() => new Float32Array(width));
  const [red, green, blue, offset, trust] = mixed;
  const after = Math.min(1, width - 1);
  for (let row = 0; row < alpha.height; row += 1) {
    mixRows(model, down.below[row], down.share[row], mixed);
    if (trust.every((value) => value === 0)) continue;
    for (let column = 0, place = row * alpha.width; column < alpha.width; column += 1, place += 1) {
      const value = alpha.data[place];
      if (value <= 0 || value >= 1) continue;
      const at = across.below[column];
      const [share, next] = [across.share[column], at + after];
      const told =
        (mix(red, at, next, share) * image.data[4 * place] +
          mix(green, at, next, share) * image.data[4 * place + 1] +
          mix(blue, at, next, share) * image.data[4 * place + 2]) /
          255 -
        mix(offset, at, next, share);
      const towards = Math.min(1, Math.max(0, told)) - value;
      const far = mix(trust, at, next, share) * Math.min(1, UNSURE * value * (1 - value));
      alpha.data[place] += far * towards;
    }
  }
}

function mix(layer: Float32Array, at: number, next: number, share: number): number {
  return layer[at] + share * (layer[next] - layer[at]);
}

/** Mix two rows of the model, linearly. */
function mixRows(model: Model, row: number, share: number, mixed: readonly Float32Array[]): void {
  const { height, width } = model[0];
  const base = row * width;
  const next = Math.min(row + 1, height - 1) * width;
  model.forEach(({ data }, layer) => {
    for (let at = 0; at < width; at += 1) {
      mixed[layer][at] = data[base + at] + share * (data[next + at] - data[base + at]);
    }
  });
}

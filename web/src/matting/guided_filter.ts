/**
 * Refine the small matte at the edges of the full-size image: a guided filter.
 *
 * alpha = enlarged matte + a . (image - input enlarged), with `a` of He & Sun, "Fast Guided Filter",
 * arXiv:1505.00996, 2015. What the linear model cannot explain of the small matte is kept.
 */
import { boxBlur, gaussianBlur } from "./filters.js";
import { channelOf, type Letterboxed, unletterbox } from "./letterbox.js";
import { boundsOf, crop, filled, type Plane, type Region, type Rgba, widen } from "./plane.js";

const REACH = 2; // radius of the windows that the linear model is learnt in, pixels of the input
const CALM = 1e-3; // variance of colours (white is 1) below which the model trusts them little
const BLUR = 0.9; // how much a network blurs its matte, standard deviation in pixels of the input
const TRUST = [0.1, 0.6] as const; // share of variance explained: up to which not, from which fully
const TILE = 16; // side of what is refined at once, pixels of the input
const SURE = Math.fround(0.03); // a matte this close to nought or one is left alone
const MARGIN = REACH + 4; // beyond which windows and blur see nothing; the Gaussian ends there

/** How the matte follows the image: a for red, green and blue, and -(a . input); nought if sure. */
export type Detail = readonly [Plane, Plane, Plane, Plane];

/** The matte at the size of the image, with the edges of the image. */
export function refineEdges(small: Plane, image: Rgba, { square, placement }: Letterboxed): Plane {
  const alpha = unletterbox(small, placement);
  const channels = [0, 1, 2].map((channel) => channelOf(square, channel, placement));
  addDetail(alpha, image, learn(channels, crop(small, placement.window)));
  return alpha;
}

/** Learn how the matte follows the image, around each pixel of the input; see `Detail`. */
export function learn(channels: readonly Plane[], small: Plane): Detail {
  const { height, width } = small;
  const detail = [0, 1, 2, 3].map(() => new Float32Array(height * width));
  const near = unsureOf(small);
  const box = boundsOf(near, height, width);
  if (box !== null) {
    const part = widen(box, MARGIN, small);
    const seen = channels.map((channel) => gaussianBlur(crop(channel, part), BLUR));
    putSlopes(detail, near, width, part, slopesOf(seen, crop(small, part)));
  }
  const [red, green, blue, rest] = detail.map((data) => ({ data, height, width }));
  return [red, green, blue, rest];
}

/** Mark pixels of which one of the nine around is neither nought nor one. */
function unsureOf({ data, height, width }: Plane): Uint8Array {
  const near = new Uint8Array(height * width);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const value = data[row * width + column];
      if (!(value > SURE && value < 1 - SURE)) continue;
      const [from, to] = [Math.max(0, column - 1), Math.min(width, column + 2)];
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y += 1) {
        near.fill(1, y * width + from, y * width + to);
      }
    }
  }
  return near;
}

type Slopes = (at: number) => readonly [number, number, number, number];

function putSlopes(
  detail: Float32Array[],
  near: Uint8Array,
  width: number,
  part: Region,
  slopes: Slopes,
): void {
  const across = part.right - part.left;
  for (let row = part.top; row < part.bottom; row += 1) {
    for (let column = part.left; column < part.right; column += 1) {
      const to = row * width + column;
      if (!near[to]) continue;
      const values = slopes((row - part.top) * across + column - part.left);
      for (let layer = 0; layer < 4; layer += 1) detail[layer][to] = values[layer];
    }
  }
}

function product(one: Plane, other: Plane): Plane {
  const data = filled(new Float32Array(one.data.length), (at) => one.data[at] * other.data[at]);
  return { ...one, data };
}

/** Return what gives `a` of the guided filter with a colour guide at a pixel, and -(a . input). */
function slopesOf(seen: readonly Plane[], small: Plane): Slopes {
  const average = (plane: Plane) => boxBlur(plane, 2 * REACH + 1).data;
  const [r, g, b] = seen.map((plane) => plane.data);
  const [mr, mg, mb] = seen.map(average);
  const m = average(small);
  const [rr, rg, rb, gg, gb, bb] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
    [2, 2],
  ].map(([one, other]) => average(product(seen[one], seen[other])));
  const [ra, ga, ba] = seen.map((plane) => average(product(plane, small)));
  const square = average(product(small, small));
  return (at) => {
    const [x, y, z] = [ra[at] - mr[at] * m[at], ga[at] - mg[at] * m[at], ba[at] - mb[at] * m[at]];
    const [sr, sg, sb] = solve(
      [
        rr[at] - mr[at] * mr[at] + CALM,
        rg[at] - mr[at] * mg[at],
        rb[at] - mr[at] * mb[at],
        gg[at] - mg[at] * mg[at] + CALM,
        gb[at] - mg[at] * mb[at],
        bb[at] - mb[at] * mb[at] + CALM,
      ],
      [x, y, z],
    );
    const trust = trustOf(sr * x + sg * y + sb * z, square[at] - m[at] * m[at]);
    const [ar, ag, ab] = [trust * sr, trust * sg, trust * sb];
    return [ar, ag, ab, -(ar * r[at] + ag * g[at] + ab * b[at])];
  };
}

/** M^-1 v for symmetric M, given by its upper triangle row by row, by cofactors. */
function solve(
  [rr, rg, rb, gg, gb, bb]: readonly [number, number, number, number, number, number],
  [x, y, z]: readonly [number, number, number],
): readonly [number, number, number] {
  const [c0, c1, c2] = [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg];
  const [c3, c4, c5] = [rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg];
  const determinant = rr * c0 + rg * c1 + rb * c2;
  return [
    (c0 * x + c1 * y + c2 * z) / determinant,
    (c1 * x + c3 * y + c4 * z) / determinant,
    (c2 * x + c4 * y + c5 * z) / determinant,
  ];
}

/** How far to believe the model, 0 to 1, from how much of the matte's variance it explains. */
function trustOf(explained: number, spread: number): number {
  const [none, full] = TRUST;
  const share = explained / (spread + 1e-4);
  return Math.min(1, Math.max(0, (share - none) / (full - none)));
}

/** Where the pixels of one axis lie between samples: the one before, and how far beyond it. */
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

/** Add a . colour - (a . input), enlarged linearly, to `alpha` where it is not nought, in place. */
export function addDetail(alpha: Plane, image: Rgba, detail: Detail): void {
  const { height, width } = detail[0];
  const [down, across] = [placesOf(alpha.height, height), placesOf(alpha.width, width)];
  const busy = busyTiles(detail);
  const wide = Math.ceil(width / TILE);
  const mixed = detail.map(() => new Float32Array(width));
  const after = Math.min(1, width - 1);
  for (let row = 0; row < alpha.height; row += 1) {
    const tiles = busy.subarray(Math.floor(down.below[row] / TILE) * wide);
    if (!tiles.subarray(0, wide).includes(1)) continue;
    mixRows(detail, down.below[row], down.share[row], mixed);
    const [red, green, blue, rest] = mixed;
    let from = 4 * row * alpha.width;
    for (let column = 0; column < alpha.width; column += 1, from += 4) {
      const at = across.below[column];
      if (!tiles[Math.floor(at / TILE)]) continue;
      const [share, next] = [across.share[column], at + after];
      const change =
        (red[at] + share * (red[next] - red[at])) * image.data[from] +
        (green[at] + share * (green[next] - green[at])) * image.data[from + 1] +
        (blue[at] + share * (blue[next] - blue[at])) * image.data[from + 2];
      const value = alpha.data[row * alpha.width + column];
      const moved = value + change / 255 + rest[at] + share * (rest[next] - rest[at]);
      alpha.data[row * alpha.width + column] = Math.min(1, Math.max(0, moved));
    }
  }
}

/** Mix two rows of the detail, linearly. */
function mixRows(detail: Detail, row: number, share: number, mixed: Float32Array[]): void {
  const { height, width } = detail[0];
  const base = row * width;
  const next = Math.min(row + 1, height - 1) * width;
  for (let layer = 0; layer < 4; layer += 1) {
    const { data } = detail[layer];
    for (let at = 0; at < width; at += 1) {
      mixed[layer][at] = data[base + at] + share * (data[next + at] - data[base + at]);
    }
  }
}

/** Mark tiles of the detail that hold some, or whose next row or column does. */
function busyTiles(detail: Detail): Uint8Array {
  const { height, width } = detail[0];
  const wide = Math.ceil(width / TILE);
  const busy = new Uint8Array(Math.ceil(height / TILE) * wide);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      if (!detail.some(({ data }) => data[at] !== 0)) continue;
      for (const y of [row, Math.max(0, row - 1)]) {
        for (const x of [column, Math.max(0, column - 1)]) {
          busy[Math.floor(y / TILE) * wide + Math.floor(x / TILE)] = 1;
        }
      }
    }
  }
  return busy;
}

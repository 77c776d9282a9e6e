/** A brush that keeps or erases, and stops at the edges of the image. */
import type { Box, Size } from "./frames";
import type { Alpha } from "./matte";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What somebody painted, in pixels of the image. */
export interface Stroke {
  readonly keep: boolean;
  readonly radius: number;
  /** Whether it stops at edges. */
  readonly snap: boolean;
  readonly points: readonly Point[];
}

const COST = 110; // colour change, summed over a way, after which the brush goes no further
const SOFT = 60; // over the last of it the brush fades
const RIM = 0.75; // share of the radius that is painted in full

/** The pixels a dab can reach. */
export function dabBox(at: Point, radius: number, size: Size): Box {
  const left = Math.max(0, Math.floor(at.x - radius));
  const top = Math.max(0, Math.floor(at.y - radius));
  const right = Math.min(size.width, Math.ceil(at.x + radius) + 1);
  const bottom = Math.min(size.height, Math.ceil(at.y + radius) + 1);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** The smallest box that holds two boxes. */
export function union(a: Box | null, b: Box): Box {
  if (!a) return b;
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  return {
    left,
    top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
  };
}

/**
 * How much colour changes on the cheapest way from the middle of a dab, for each pixel of its box.
 *
 * Two sweeps over rows, forth and back, each looking at the neighbours already done: the raster
 * scan of geodesic distance (Toivanen, Pattern Recognition Letters 1996).
 */
function costs(rgba: Uint8ClampedArray, size: Size, box: Box, at: Point, radius: number) {
  const { width, height } = box;
  const cost = new Float32Array(width * height).fill(1e9);
  const core = Math.max(1, radius / 6) ** 2;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if ((x + box.left - at.x) ** 2 + (y + box.top - at.y) ** 2 <= core) cost[i] = 0;
    }
  }
  const change = (i: number, j: number) =>
    Math.abs(rgba[i] - rgba[j]) +
    Math.abs(rgba[i + 1] - rgba[j + 1]) +
    Math.abs(rgba[i + 2] - rgba[j + 2]);
  const pixel = (x: number, y: number) => ((y + box.top) * size.width + x + box.left) * 4;
  const relax = (x: number, y: number, back: number) => {
    const here = y * width + x;
    for (const [dx, dy] of [
      [-back, 0],
      [-1, -back],
      [0, -back],
      [1, -back],
    ]) {
      const [i, j] = [x + dx, y + dy];
      if (i < 0 || j < 0 || i >= width || j >= height) continue;
      const way = cost[j * width + i] + Math.max(0, change(pixel(x, y), pixel(i, j)) - 6);
      if (way < cost[here]) cost[here] = way;
    }
  };
  for (let sweep = 0; sweep < 2; sweep++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(x, y, 1);
    for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) relax(x, y, -1);
  }
  return cost;
}

/** Paint one dab into `alpha`; returns the box that it may have changed. */
export function dab(
  alpha: Alpha,
  rgba: Uint8ClampedArray,
  size: Size,
  at: Point,
  stroke: Omit<Stroke, "points">,
): Box {
  const { radius, snap, keep } = stroke;
  const box = dabBox(at, radius, size);
  const cost = snap ? costs(rgba, size, box, at, radius) : null;
  for (let y = 0, i = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++, i++) {
      const far = Math.hypot(x + box.left - at.x, y + box.top - at.y) / radius;
      const round = Math.min(1, Math.max(0, (1 - far) / (1 - RIM)));
      const edge = cost ? Math.min(1, Math.max(0, (COST - cost[i]) / SOFT)) : 1;
      const share = Math.round(255 * Math.min(round, edge));
      const here = (y + box.top) * size.width + x + box.left;
      alpha[here] = keep ? Math.max(alpha[here], share) : Math.min(alpha[here], 255 - share);
    }
  }
  return box;
}

/** Points of a line, so close together that dabs make a band. */
export function between(from: Point, to: Point, radius: number): Point[] {
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / (radius / 3)));
  return Array.from({ length: steps }, (_, n) => ({
    x: from.x + ((to.x - from.x) * (n + 1)) / steps,
    y: from.y + ((to.y - from.y) * (n + 1)) / steps,
  }));
}

/** Paint a whole stroke again, as when its image is opened anew. */
export function paintStroke(
  alpha: Alpha,
  rgba: Uint8ClampedArray,
  size: Size,
  stroke: Stroke,
): Box | null {
  let box: Box | null = null;
  for (const point of stroke.points) box = union(box, dab(alpha, rgba, size, point, stroke));
  return box;
}

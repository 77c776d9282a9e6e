/** Estimate the matte of an image: letterbox, network, small regions, crop, colours. */

import { refineEdges } from "./color_matting.js";
import { pasteCrop, proposeCrop } from "./crop_refinement.js";
import { letterbox, unletterbox } from "./letterbox.js";
import { cropRgba, type Plane, type Rgba, type Size } from "./plane.js";
import { distanceTo, dropSpot, marked, resolveUncertainRegions } from "./small_regions.js";

/** Runs the network: RGB 0 to 1 of its own size to a matte of that size. */
export interface Engine {
  readonly size: Size;
  run(square: Float32Array): Promise<Float32Array>;
}

/** Is told which part has begun; rejects to end the work. */
export type Checkpoint = (stage: "network" | "edges") => Promise<void>;

type Levels = readonly [number, number];

const LEVELS: Levels = [0.08, 0.92]; // black and white point of alpha, stretched linearly
const EDGE_LEVELS: Levels = [0.04, 0.96]; // of the edges of what was settled with these
const EDGE = [Math.fround(0.02), Math.fround(0.98)] as const; // between these a matte is an edge ...
const EDGE_REACH = [4, 8] as const; // ... around which far levels count in full and no more, pixels
const UNTOUCHED = Math.fround(0.01); // by which a pixel that was not settled may have changed

/** Estimate how much of each pixel the person covers; people who are small get a second look. */
export async function estimateMatte(
  image: Rgba,
  engine: Engine,
  checkpoint: Checkpoint,
): Promise<Plane> {
  await checkpoint("network");
  const first = letterbox(image, engine.size);
  const small = await look(first.square, engine, dropSpot);
  const region = proposeCrop(small, first.placement);
  await checkpoint("edges");
  if (region === null) return refineEdges(small, image, first);
  const alpha = unletterbox(small, first.placement);
  const part = cropRgba(image, region);
  const second = letterbox(part, engine.size);
  await checkpoint("network");
  const closer = await look(second.square, engine);
  await checkpoint("edges");
  pasteCrop(alpha, refineEdges(closer, part, second), region);
  return alpha;
}

/** The network's matte, stretched and settled, and by `judge` too. */
async function look(
  square: Float32Array,
  engine: Engine,
  judge = (settled: Plane) => settled,
): Promise<Plane> {
  const found = await engine.run(square);
  const stretched = stretchLevels(found);
  const settled = resolveUncertainRegions({ data: stretched, ...engine.size });
  return softenEdges(judge(settled), stretched, found);
}

/** Give the edges of a settled matte their transparency; what was decided stays decided. */
export function softenEdges(settled: Plane, stretched: Float32Array, found: Float32Array): Plane {
  const edge = marked(settled.data, (value) => value > EDGE[0] && value < EDGE[1]);
  const away = distanceTo(edge, settled);
  const [full, none] = EDGE_REACH;
  const soft = stretchLevels(found, EDGE_LEVELS);
  const data = settled.data.map((value, at) => {
    const touched = Math.abs(value - stretched[at]) > UNTOUCHED;
    const weight = touched ? 0 : Math.min(1, Math.max(0, (none - away[at]) / (none - full)));
    return value + weight * (soft[at] - value);
  });
  return { ...settled, data };
}

/** Stretch levels: alpha up to the black point becomes 0, from the white point on 1. */
export function stretchLevels(alpha: Float32Array, [black, white] = LEVELS): Float32Array {
  return alpha.map((value) => Math.min(1, Math.max(0, (value - black) / (white - black))));
}

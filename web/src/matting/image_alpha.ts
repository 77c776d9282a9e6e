/** Estimate the matte of an image: letterbox, network, small regions, crop, colours. */

import { refineEdges } from "./color_matting.js";
import { pasteCrop, proposeCrop } from "./crop_refinement.js";
import { letterbox, unletterbox } from "./letterbox.js";
import { cropRgba, type Plane, type Rgba, type Size } from "./plane.js";
import { dropSpot, resolveUncertainRegions } from "./small_regions.js";

/** Runs the network: RGB 0 to 1 of its own size to a matte of that size. */
export interface Engine {
  readonly size: Size;
  run(square: Float32Array): Promise<Float32Array>;
}

/** Is told which part has begun; rejects to end the work. */
export type Checkpoint = (stage: "network" | "edges") => Promise<void>;

const LEVELS = [0.08, 0.92] as const; // black and white point of alpha, stretched linearly

/** Estimate how much of each pixel the person covers; people who are small get a second look. */
export async function estimateMatte(
  image: Rgba,
  engine: Engine,
  checkpoint: Checkpoint,
): Promise<Plane> {
  await checkpoint("network");
  const first = letterbox(image, engine.size);
  const small = dropSpot(await look(first.square, engine));
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

/** The network's matte, stretched and settled. */
async function look(square: Float32Array, engine: Engine): Promise<Plane> {
  const data = stretchLevels(await engine.run(square));
  return resolveUncertainRegions({ data, ...engine.size });
}

/** Stretch levels: alpha up to the black point becomes 0, from the white point on 1. */
export function stretchLevels(alpha: Float32Array): Float32Array {
  const [black, white] = LEVELS;
  return alpha.map((value) => Math.min(1, Math.max(0, (value - black) / (white - black))));
}

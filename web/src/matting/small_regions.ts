/** Settle what a matte is unsure of: small regions, and doubt wider than edges and strands of hair. */
import { gaussianBlur } from "./filters.js";
import { boundsOf, crop, filled, type Plane, paste, widen } from "./plane.js";
import { connectedRegions, distanceFrom } from "./regions.js";

// Which regions stay. Levels follow how mattes are stretched.
const LEVEL = Math.fround(0.127); // above which a pixel belongs to a region
const SURE = Math.fround(0.733); // above which it is sure
const ISLAND_SHARE = 0.3; // of an island that has to be sure ...
const HOLE_SHARE = 0.2; // ... and of a hole
const MIN_SURE_PIXELS = 10; // sure pixels up to which a region is debris all the same
const SEAM = 2; // between what is dropped and what stays; standard deviation, pixels of the input
const UNCERTAIN = [Math.fround(0.19), Math.fround(0.81)] as const; // between these a matte is in doubt
const UNCERTAIN_RADIUS = 8; // and uncertain if a disc of that radius fits in, pixels of the input
const UNCERTAIN_RIM = 6; // around uncertain regions, decided alike, pixels ...
const RIM_BLUR = 3; // ... and how softly that ends, standard deviation
const SHIFT = 8; // of log-odds at most
const EVEN = 0.05; // distance of a region's mean from one half at which the shift is 3/4 of that
const TRACES = [4, 8] as const; // how far from a region traces stay in full, and at all, pixels
const SPOT = 0.005; // share of the input that a spot covers at most, above half of its highest alpha ...
const SPOT_ALPHA = Math.fround(0.92); // ... and what that highest is below

/** Drop and fill in an image's matte, and make wide doubt person or background. */
export function resolveUncertainRegions(alpha: Plane): Plane {
  const whole = removeSmallRegions(alpha);
  const decided = decideWideDoubt(whole);
  return dropTraces(decided === whole ? whole : removeSmallRegions(decided));
}

/** Let what is too faint to be a region fade out, away from those that are there. */
function dropTraces(alpha: Plane): Plane {
  const regions = marked(alpha.data, (value) => value > LEVEL);
  if (!regions.includes(1)) return alpha;
  const away = distanceTo(regions, alpha);
  const [full, none] = TRACES;
  const data = alpha.data.map((value, at) => {
    return value * Math.min(1, Math.max(0, (none - away[at]) / (none - full)));
  });
  return { ...alpha, data };
}

/** An image's matte, or one of nobody where all of it is a spot in doubt. */
export function dropSpot(alpha: Plane): Plane {
  const { data } = alpha;
  const highest = data.reduce((most, value) => Math.max(most, value), 0);
  const covered = data.reduce((count, value) => count + (value > highest / 2 ? 1 : 0), 0);
  if (highest >= SPOT_ALPHA || covered > SPOT * data.length) return alpha;
  return { ...alpha, data: new Float32Array(data.length) };
}

/** Drop unsure islands and fill unsure holes of a matte. */
export function removeSmallRegions(alpha: Plane): Plane {
  return inverted(dropIslands(inverted(dropIslands(alpha, ISLAND_SHARE)), HOLE_SHARE));
}

function inverted(alpha: Plane): Plane {
  const { data } = alpha;
  return { ...alpha, data: filled(new Float32Array(data.length), (at) => 1 - data[at]) };
}

/** 1 where a value is what is asked for, else 0. */
export function marked(values: Float32Array, is: (value: number) => boolean): Uint8Array {
  return filled(new Uint8Array(values.length), (at) => (is(values[at]) ? 1 : 0));
}

/** How far each pixel is from the nearest that is marked, pixels. */
export function distanceTo(sources: Uint8Array, { height, width }: Plane): Float32Array {
  return distanceFrom(sources, new Int32Array(sources.length), height, width).distance;
}

/** Move the log-odds of each uncertain region; returns the same plane where there is none. */
function decideWideDoubt(alpha: Plane): Plane {
  const sure = marked(alpha.data, (value) => !(value > UNCERTAIN[0] && value < UNCERTAIN[1]));
  const middles = marked(distanceTo(sure, alpha), (far) => far > UNCERTAIN_RADIUS);
  if (!middles.includes(1)) return alpha;
  const away = { ...alpha, data: distanceTo(middles, alpha) };
  const near = marked(away.data, (far) => far <= UNCERTAIN_RADIUS + UNCERTAIN_RIM);
  const box = boundsOf(near, alpha.height, alpha.width);
  if (box === null) return alpha;
  const part = widen(box, 3 * RIM_BLUR, alpha);
  const decided = { ...alpha, data: alpha.data.slice() };
  paste(decided, part, decideRegions(crop(alpha, part), crop(away, part)));
  return decided.data.some((value) => value > SURE) ? decided : alpha; // better faint than nobody
}

/** Move the log-odds of each region of doubt, `away` from whose middles pixels are. */
function decideRegions(alpha: Plane, away: Plane): Plane {
  const { height, width } = alpha;
  const opened = marked(away.data, (far) => far <= UNCERTAIN_RADIUS);
  const { labels, count } = connectedRegions(opened, height, width);
  const shifts = shiftsOf(alpha.data, labels, count);
  const { nearest } = distanceFrom(opened, labels, height, width);
  const moved = filled(new Float32Array(nearest.length), (at) =>
    away.data[at] <= UNCERTAIN_RADIUS + UNCERTAIN_RIM ? shifts[nearest[at]] : 0,
  );
  const soft = gaussianBlur({ data: moved, height, width }, RIM_BLUR);
  const data = alpha.data.map((value, at) => {
    const odds = value * Math.exp(soft.data[at]);
    return odds / (odds + (1 - value));
  });
  return { data, height, width };
}

function shiftsOf(alpha: Float32Array, labels: Int32Array, count: number): Float64Array {
  const [sums, areas] = [new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < labels.length; at += 1) {
    sums[labels[at]] += alpha[at];
    areas[labels[at]] += 1;
  }
  return sums.map((sum, at) => SHIFT * Math.tanh((sum / Math.max(1, areas[at]) - 0.5) / EVEN));
}

/** Drop regions of which less than a share is sure, unless all are such: better than nobody. */
function dropIslands(alpha: Plane, share: number): Plane {
  const { data, height, width } = alpha;
  const members = marked(data, (value) => value > LEVEL);
  const { labels, count } = connectedRegions(members, height, width);
  const kept = keptRegions(data, labels, count, share);
  const regions = kept.slice(1);
  if (regions.every(Boolean) || !regions.some(Boolean)) return alpha;
  const size = labels.length;
  const staying = filled(new Uint8Array(size), (at) => members[at] & Number(kept[labels[at]]));
  const dropped = filled(new Uint8Array(size), (at) => members[at] & (1 - staying[at]));
  const [toStaying, toDropped] = [distanceTo(staying, alpha), distanceTo(dropped, alpha)];
  const stays = filled(new Float32Array(size), (at) => (toStaying[at] <= toDropped[at] ? 1 : 0));
  const soft = gaussianBlur({ data: stays, height, width }, SEAM).data;
  const result = filled(new Float32Array(size), (at) => {
    return data[at] * (members[at] ? stays[at] : soft[at]);
  });
  return { data: result, height, width };
}

function keptRegions(
  alpha: Float32Array,
  labels: Int32Array,
  count: number,
  share: number,
): boolean[] {
  const [sure, areas] = [new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < labels.length; at += 1) {
    areas[labels[at]] += 1;
    if (alpha[at] > SURE) sure[labels[at]] += 1;
  }
  return Array.from(sure, (much, label) => much > MIN_SURE_PIXELS && much >= share * areas[label]);
}

/** Connected regions of pixels, and how far pixels are from them. */

/** Label of each pixel, 0 where it is not marked, else 1 up to `count` - 1. */
export interface Labels {
  readonly labels: Int32Array;
  readonly count: number;
}

/** Number the regions of marked pixels that touch, also at corners. */
export function connectedRegions(marked: Uint8Array, height: number, width: number): Labels {
  const labels = new Int32Array(height * width);
  const waiting = new Int32Array(height * width);
  let count = 1;
  for (let seed = 0; seed < labels.length; seed += 1) {
    if (!marked[seed] || labels[seed]) continue;
    fill(seed, count, { marked, labels, waiting, height, width });
    count += 1;
  }
  return { labels, count };
}

interface Fill {
  readonly marked: Uint8Array;
  readonly labels: Int32Array;
  readonly waiting: Int32Array; // pixels whose neighbours are still to be looked at
  readonly height: number;
  readonly width: number;
}

function fill(seed: number, label: number, { marked, labels, waiting, height, width }: Fill): void {
  let left = 1;
  waiting[0] = seed;
  labels[seed] = label;
  while (left > 0) {
    left -= 1;
    const place = waiting[left];
    const [row, column] = [Math.floor(place / width), place % width];
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y += 1) {
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x += 1) {
        const next = y * width + x;
        if (!marked[next] || labels[next]) continue;
        labels[next] = label;
        waiting[left] = next;
        left += 1;
      }
    }
  }
}

// Steps of the 5 by 5 mask (Borgefors, "Distance transformations in digital images", 1986), in
// units of 1/65536 pixel, as OpenCV has them: straight 1, diagonal 1.4, knight's move 2.1969.
const UNIT = 65536;
const STRAIGHT = UNIT;
const DIAGONAL = Math.round(1.4 * UNIT);
const KNIGHT = Math.round(2.1969 * UNIT);
const FAR = 1 << 29; // of a pixel from which no source can be reached
const STEPS = [
  [-2, -1, KNIGHT],
  [-2, 1, KNIGHT],
  [-1, -2, KNIGHT],
  [-1, -1, DIAGONAL],
  [-1, 0, STRAIGHT],
  [-1, 1, DIAGONAL],
  [-1, 2, KNIGHT],
  [0, -1, STRAIGHT],
] as const;

/** Distance of each pixel to the nearest source, pixels, and the label that one has. */
export interface Distances {
  readonly distance: Float32Array;
  readonly nearest: Int32Array;
}

/** How far each pixel is from the nearest that is a source, and which label that source has. */
export function distanceFrom(
  sources: Uint8Array,
  labels: Int32Array,
  height: number,
  width: number,
): Distances {
  const step = width + 4; // two pixels more on each side, so that no step leaves the array
  const far = new Int32Array((height + 4) * step).fill(FAR);
  const nearest = new Int32Array((height + 4) * step);
  for (let row = 0, from = 0; row < height; row += 1) {
    const to = (row + 2) * step + 2;
    for (let column = 0; column < width; column += 1, from += 1) {
      if (sources[from] === 0) continue;
      far[to + column] = 0;
      nearest[to + column] = labels[from];
    }
  }
  sweep(far, nearest, step, 1);
  sweep(far, nearest, step, -1);
  return unpadded(far, nearest, height, width);
}

/** Go over all pixels once, forwards (1) or backwards (-1), and take what neighbours know. */
function sweep(far: Int32Array, nearest: Int32Array, step: number, way: 1 | -1): void {
  const offsets = Int32Array.from(STEPS, ([down, across]) => way * (down * step + across));
  const lengths = Int32Array.from(STEPS, ([, , length]) => length);
  const rows = far.length / step;
  for (let y = 2; y < rows - 2; y += 1) {
    const row = (way === 1 ? y : rows - 1 - y) * step;
    for (let x = 2; x < step - 2; x += 1) {
      const place = row + (way === 1 ? x : step - 1 - x);
      if (far[place] > 0) relax(far, nearest, place, offsets, lengths);
    }
  }
}

/** Take the shortest way over neighbours. */
function relax(
  far: Int32Array,
  nearest: Int32Array,
  place: number,
  offsets: Int32Array,
  lengths: Int32Array,
): void {
  const before = far[place];
  let [least, from] = [before, 0];
  for (let tap = 0; tap < offsets.length; tap += 1) {
    const length = far[place + offsets[tap]] + lengths[tap];
    if (length >= least) continue;
    least = length;
    from = offsets[tap];
  }
  if (least === before) return;
  far[place] = least;
  nearest[place] = nearest[place + from];
}

function unpadded(far: Int32Array, nearest: Int32Array, height: number, width: number): Distances {
  const result = {
    distance: new Float32Array(height * width),
    nearest: new Int32Array(height * width),
  };
  for (let row = 0, to = 0; row < height; row += 1) {
    let from = (row + 2) * (width + 4) + 2;
    for (const end = from + width; from < end; from += 1, to += 1) {
      result.distance[to] = far[from] / UNIT;
      result.nearest[to] = nearest[from];
    }
  }
  return result;
}

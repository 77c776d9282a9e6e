/** Averages over windows, as OpenCV's blur, GaussianBlur and sepFilter2D. */
import type { Plane } from "./plane.js";

/** What lies beyond the edges: `reflect` mirrors about the outermost pixel, `replicate` repeats it. */
export type Border = "reflect" | "replicate";

/** Blur by a Gaussian, `deviation` in pixels; it ends four deviations away, as for floats in OpenCV. */
export function gaussianBlur(plane: Plane, deviation: number, border: Border = "reflect"): Plane {
  const reach = Math.round(deviation * 8 + 1) >> 1;
  const weights = new Float64Array(2 * reach + 1);
  for (let at = -reach; at <= reach; at += 1) {
    weights[at + reach] = Math.exp((-at * at) / (2 * deviation * deviation));
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return filter(
    plane,
    weights.map((weight) => weight / sum),
    border,
  );
}

/** The mean over a square of `side` pixels; an even side reaches one pixel farther up and left. */
export function boxBlur(plane: Plane, side: number, border: Border = "reflect"): Plane {
  return separable(plane, side, side >> 1, border, (padded, line) => {
    let sum = 0;
    for (let at = 0; at < side - 1; at += 1) sum += padded[at];
    for (let at = 0; at < line.length; at += 1) {
      sum += padded[at + side - 1];
      line[at] = sum / side;
      sum -= padded[at];
    }
  });
}

/** Weigh an odd number of neighbours along both axes. */
export function filter(plane: Plane, weights: Float64Array, border: Border): Plane {
  const side = weights.length;
  return separable(plane, side, side >> 1, border, (padded, line) => {
    for (let at = 0; at < line.length; at += 1) {
      let sum = 0;
      for (let tap = 0; tap < side; tap += 1) sum += weights[tap] * padded[at + tap];
      line[at] = sum;
    }
  });
}

type LineFilter = (padded: Float64Array, line: Float64Array) => void;

/** Filter rows, then columns: each with `before` values more in front, and `side` - 1 in all. */
function separable(
  plane: Plane,
  side: number,
  before: number,
  border: Border,
  along: LineFilter,
): Plane {
  const { height, width } = plane;
  const rows = new Float64Array(height * width);
  const across = placesOf(width, side, before, border);
  const [padded, line] = [new Float64Array(across.length), new Float64Array(width)];
  for (let row = 0; row < height; row += 1) {
    const base = row * width;
    for (let at = 0; at < across.length; at += 1) padded[at] = plane.data[base + across[at]];
    along(padded, line);
    rows.set(line, base);
  }
  return columns(rows, plane, placesOf(height, side, before, border), along);
}

function columns(
  rows: Float64Array,
  { height, width }: Plane,
  down: Int32Array,
  along: LineFilter,
): Plane {
  const data = new Float32Array(height * width);
  const [padded, line] = [new Float64Array(down.length), new Float64Array(height)];
  for (let column = 0; column < width; column += 1) {
    for (let at = 0; at < down.length; at += 1) padded[at] = rows[down[at] * width + column];
    along(padded, line);
    for (let row = 0; row < height; row += 1) data[row * width + column] = line[row];
  }
  return { data, height, width };
}

/** Where the values of a padded line come from. */
function placesOf(length: number, side: number, before: number, border: Border): Int32Array {
  const places = new Int32Array(length + side - 1);
  for (let at = 0; at < places.length; at += 1) {
    const place = at - before;
    places[at] =
      border === "replicate" ? Math.min(length - 1, Math.max(0, place)) : mirrored(place, length);
  }
  return places;
}

function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}

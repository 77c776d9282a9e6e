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
  const { height, width } = plane;
  const rows = alongRows(plane, side, border, (padded, line) => {
    let sum = 0;
    for (let at = 0; at < side - 1; at += 1) sum += padded[at];
    for (let at = 0; at < line.length; at += 1) {
      sum += padded[at + side - 1];
      line[at] = sum / side;
      sum -= padded[at];
    }
  });
  const down = placesOf(height, side, border);
  const data = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let at = 0; at < side - 1; at += 1) addRow(sums, rows, down[at] * width, 1);
  for (let row = 0; row < height; row += 1) {
    addRow(sums, rows, down[row + side - 1] * width, 1);
    for (let at = 0; at < width; at += 1) data[row * width + at] = sums[at] / side;
    addRow(sums, rows, down[row] * width, -1);
  }
  return { data, height, width };
}

/** Weigh an odd number of neighbours along both axes. */
export function filter(plane: Plane, weights: Float64Array, border: Border): Plane {
  const { height, width } = plane;
  const side = weights.length;
  const rows = alongRows(plane, side, border, (padded, line) => {
    for (let at = 0; at < line.length; at += 1) {
      let sum = 0;
      for (let tap = 0; tap < side; tap += 1) sum += weights[tap] * padded[at + tap];
      line[at] = sum;
    }
  });
  const down = placesOf(height, side, border);
  const data = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let row = 0; row < height; row += 1) {
    sums.fill(0);
    for (let tap = 0; tap < side; tap += 1) {
      addRow(sums, rows, down[row + tap] * width, weights[tap]);
    }
    data.set(sums, row * width);
  }
  return { data, height, width };
}

function addRow(sums: Float64Array, rows: Float32Array, from: number, weight: number): void {
  for (let at = 0; at < sums.length; at += 1) sums[at] += weight * rows[from + at];
}

type LineFilter = (padded: Float64Array, line: Float64Array) => void;

/** Filter each row, which is given `side` - 1 values more at its ends. */
function alongRows(plane: Plane, side: number, border: Border, along: LineFilter): Float32Array {
  const { data, height, width } = plane;
  const rows = new Float32Array(height * width);
  const across = placesOf(width, side, border);
  const before = side >> 1;
  const [padded, line] = [new Float64Array(across.length), new Float64Array(width)];
  for (let row = 0; row < height; row += 1) {
    const base = row * width;
    padded.set(data.subarray(base, base + width), before);
    for (let at = 0; at < before; at += 1) padded[at] = data[base + across[at]];
    for (let at = before + width; at < across.length; at += 1) padded[at] = data[base + across[at]];
    along(padded, line);
    rows.set(line, base);
  }
  return rows;
}

/** Where the values of a padded line come from. */
function placesOf(length: number, side: number, border: Border): Int32Array {
  const before = side >> 1;
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

/** Bring arrays to another size as OpenCV does: area average, linear, cubic. */
import type { Size } from "./plane.js";

/** How the samples of one axis are mixed: those of output i are start[i] up to start[i + 1]. */
export interface Taps {
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly weight: Float32Array; // OpenCV counts in 32 bits: so does all here, or halves round otherwise
}

/** Numbers of an image that is resampled: so many `channels` of each `stride` are. */
export interface Samples extends Size {
  readonly data: Uint8ClampedArray | Float32Array;
  readonly stride: number;
  readonly channels: number;
}

type Mix = (output: number) => Iterable<readonly [index: number, weight: number]>;

const A = -0.75; // of the cubic convolution, as OpenCV has it (Keys, 1981, names it a)
const LEAST = 1e-3; // share of a pixel below which OpenCV's area average leaves it out

function taps(samples: number, mix: Mix): Taps {
  const start = new Int32Array(samples + 1);
  const index: number[] = [];
  const weight: number[] = [];
  for (let output = 0; output < samples; output += 1) {
    for (const [place, share] of mix(output)) {
      index.push(place);
      weight.push(share);
    }
    start[output + 1] = index.length;
  }
  return { start, index: Int32Array.from(index), weight: Float32Array.from(weight) };
}

/** Average where an axis of `length` shrinks to `samples`, as INTER_AREA. */
export function areaTaps(length: number, samples: number): Taps {
  const scale = length / samples;
  return taps(samples, function* mix(output) {
    const from = output * scale;
    const cell = Math.min(scale, length - from);
    const last = Math.min(Math.floor(from + scale), length - 1);
    const first = Math.min(Math.ceil(from), last);
    if (first - from > LEAST) yield [first - 1, (first - from) / cell];
    for (let place = first; place < last; place += 1) yield [place, 1 / cell];
    const rest = from + scale - last;
    if (rest > LEAST) yield [last, Math.min(rest, 1, cell) / cell];
  });
}

/** Sum up where an axis of `length` shrinks to a whole share of it, `samples`. */
export function sumTaps(length: number, samples: number): Taps {
  const scale = length / samples;
  return taps(samples, function* mix(output) {
    for (let place = 0; place < scale; place += 1) yield [output * scale + place, 1];
  });
}

/** Interpolate linearly, as INTER_LINEAR; the centres of outer pixels are repeated. */
export function linearTaps(length: number, samples: number): Taps {
  return taps(samples, function* mix(output) {
    const place = Math.min(length - 1, Math.max(0, ((output + 0.5) * length) / samples - 0.5));
    const below = Math.floor(place);
    yield [below, 1 - (place - below)];
    if (place > below) yield [below + 1, place - below];
  });
}

/** Interpolate by cubic convolution, as INTER_CUBIC. */
export function cubicTaps(length: number, samples: number): Taps {
  return taps(samples, function* mix(output) {
    const place = ((output + 0.5) * length) / samples - 0.5;
    const below = Math.floor(place);
    const weights = cubicWeights(place - below);
    for (let tap = 0; tap < 4; tap += 1) {
      yield [Math.min(length - 1, Math.max(0, below - 1 + tap)), weights[tap]];
    }
  });
}

function cubicWeights(x: number): readonly [number, number, number, number] {
  const far = (d: number) => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  const near = (d: number) => ((A + 2) * d - (A + 3)) * d * d + 1;
  const [first, second, third] = [far(x + 1), near(x), near(1 - x)];
  return [first, second, third, 1 - first - second - third];
}

/**
 * Mix rows and columns, and give each row of the result to `put`, which must not keep it:
 * `channels` values for each of its pixels.
 */
export function resample(
  source: Samples,
  down: Taps,
  across: Taps,
  put: (row: number, values: Float32Array) => void,
): void {
  const length = (across.start.length - 1) * source.channels;
  const mixed = new Float32Array(length);
  const kept = new Map<number, Float32Array>(); // rows of the source, mixed across
  const spare: Float32Array[] = [];
  const narrow = mixerOf(source, across);
  for (let row = 0; row + 1 < down.start.length; row += 1) {
    const [from, to] = [down.start[row], down.start[row + 1]];
    for (const [place, line] of kept) {
      if (place >= down.index[from]) continue;
      kept.delete(place);
      spare.push(line);
    }
    const lines: Float32Array[] = [];
    for (const place of down.index.subarray(from, to)) {
      const line = kept.get(place) ?? narrow(place, spare.pop() ?? new Float32Array(length));
      kept.set(place, line);
      lines.push(line);
    }
    mix(mixed, lines, down.weight.subarray(from, to));
    put(row, mixed);
  }
}

/** Weigh lines, four at a time: memory is slower than arithmetic. */
function mix(mixed: Float32Array, lines: readonly Float32Array[], weights: Float32Array): void {
  for (let first = 0; first < lines.length; first += 4) {
    const [a, b = a, c = a, d = a] = lines.slice(first, first + 4);
    const [p, q = 0, r = 0, s = 0] = weights.subarray(first, first + 4);
    for (let at = 0; at < mixed.length; at += 1) {
      let sum = first === 0 ? 0 : mixed[at];
      sum = Math.fround(sum + Math.fround(p * a[at]));
      sum = Math.fround(sum + Math.fround(q * b[at]));
      sum = Math.fround(sum + Math.fround(r * c[at]));
      mixed[at] = sum + Math.fround(s * d[at]);
    }
  }
}

/** Return what mixes one row of the source into a line. */
function mixerOf(source: Samples, { start, index, weight }: Taps) {
  const { data, stride, channels, width } = source;
  return (row: number, line: Float32Array): Float32Array => {
    const base = row * width * stride;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let output = 0, at = channel; at < line.length; output += 1, at += channels) {
        let sum = 0;
        for (let tap = start[output]; tap < start[output + 1]; tap += 1) {
          const value = data[base + index[tap] * stride + channel];
          sum = Math.fround(sum + Math.fround(weight[tap] * value));
        }
        line[at] = sum;
      }
    }
    return line;
  };
}

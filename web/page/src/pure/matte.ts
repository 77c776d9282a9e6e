/** Change the outline of a matte: alpha in 8 bits, row by row. */
import type { Size } from "./frames";

export type Alpha = Uint8Array;

/** Whether a pixel has a neighbour with less of the person. */
function borders(alpha: Alpha, { width, height }: Size, x: number, y: number): boolean {
  const here = alpha[y * width + x];
  for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
    for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
      if (alpha[j * width + i] < here) return true;
    }
  }
  return false;
}

/** Half the width of a disc in each of its rows, from the middle outwards. */
function discRows(radius: number): number[] {
  return Array.from({ length: radius + 1 }, (_, row) =>
    Math.floor(Math.sqrt((radius + 0.5) ** 2 - row * row)),
  );
}

/** Raise all within a disc around a pixel to at least `level`. */
function stamp(result: Alpha, size: Size, at: [number, number], level: number, rows: number[]) {
  const [x, y] = at;
  const reach = rows.length - 1;
  const last = Math.min(size.height - 1, y + reach);
  for (let j = Math.max(0, y - reach); j <= last; j++) {
    const half = rows[Math.abs(j - y)];
    const row = j * size.width;
    const end = row + Math.min(size.width - 1, x + half);
    for (let i = row + Math.max(0, x - half); i <= end; i++) {
      if (result[i] < level) result[i] = level;
    }
  }
}

function dilate(alpha: Alpha, size: Size, radius: number): Alpha {
  const result = alpha.slice();
  const rows = discRows(radius);
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i++) {
      const level = alpha[i];
      if (level > 0 && borders(alpha, size, x, y)) stamp(result, size, [x, y], level, rows);
    }
  }
  return result;
}

function inverted(alpha: Alpha): Alpha {
  const result = new Uint8Array(alpha.length);
  for (let i = 0; i < alpha.length; i++) result[i] = 255 - alpha[i];
  return result;
}

/** Move the outline outwards by whole pixels, or inwards if negative; it stays as soft as it is. */
export function grow(alpha: Alpha, size: Size, pixels: number): Alpha {
  if (pixels > 0) return dilate(alpha, size, pixels);
  if (pixels < 0) return inverted(dilate(inverted(alpha), size, -pixels));
  return alpha;
}

/** One running mean along rows or columns; the edge's value goes on beyond it. */
function average(from: Float32Array, size: Size, radius: number, along: "x" | "y"): Float32Array {
  const { width, height } = size;
  const [length, lines] = along === "x" ? [width, height] : [height, width];
  const [step, jump] = along === "x" ? [1, width] : [width, 1];
  const result = new Float32Array(from.length);
  const share = 1 / (2 * radius + 1);
  for (let line = 0; line < lines; line++) {
    const begin = line * jump;
    const at = (i: number) => from[begin + Math.min(Math.max(i, 0), length - 1) * step];
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += at(i);
    for (let i = 0; i < length; i++) {
      result[begin + i * step] = sum * share;
      sum += at(i + radius + 1) - at(i - radius);
    }
  }
  return result;
}

/** Radii of three means that together come near a Gaussian (Kovesi, DICTA 2010). */
export function boxRadii(deviation: number): [number, number, number] {
  const ideal = Math.sqrt((12 * deviation ** 2) / 3 + 1);
  let small = Math.floor(ideal);
  if (small % 2 === 0) small--;
  const few = (12 * deviation ** 2 - 3 * small ** 2 - 12 * small - 9) / (-4 * small - 4);
  return [0, 1, 2].map((n) => (small + (n < Math.round(few) ? 0 : 2) - 1) / 2) as [
    number,
    number,
    number,
  ];
}

/** Blur a map by a Gaussian of that standard deviation, pixels. */
export function soften(map: Float32Array, size: Size, deviation: number): Float32Array {
  let result = map;
  for (const radius of boxRadii(deviation)) {
    if (radius < 1) continue;
    result = average(average(result, size, radius, "x"), size, radius, "y");
  }
  return result;
}

/** Soften the outline by a Gaussian of standard deviation `radius`, pixels. */
export function feather(alpha: Alpha, size: Size, radius: number): Alpha {
  if (radius <= 0) return alpha;
  return new Uint8Array(new Uint8ClampedArray(soften(Float32Array.from(alpha), size, radius)));
}

import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import type { Plane, Rgba } from "../src/matting/plane.js";

/** Bytes that tools/web_fixtures.py packed. */
interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

/** What each step gives for one image, in Python. */
export interface Scene {
  readonly image: Packed;
  readonly mattes: readonly Packed[];
  readonly square: Packed;
  readonly settled: Packed;
  readonly alpha: Packed;
  readonly foreground: Packed;
  readonly shown: Packed;
  readonly edited: Packed;
}

const FILE = new URL("../tests/fixtures/stages.json", import.meta.url);

/** Scenes by their name. */
export const SCENES: Record<string, Scene> = JSON.parse(readFileSync(FILE, "utf8"));

/** The values of an array. */
export function unpacked({ data }: Packed): Uint8Array {
  return Uint8Array.from(inflateSync(Buffer.from(data, "base64")));
}

/** A matte that was kept in 8 bits. */
export function planeOf(packed: Packed): Plane {
  const [height, width] = packed.shape;
  return { data: Float32Array.from(unpacked(packed), (value) => value / 255), height, width };
}

/** An opaque image of (H, W, 3). */
export function rgbaOf(packed: Packed): Rgba {
  const [height, width] = packed.shape;
  const data = new Uint8ClampedArray(4 * height * width).fill(255);
  unpacked(packed).forEach((value, at) => {
    data[4 * Math.floor(at / 3) + (at % 3)] = value;
  });
  return { data, height, width };
}

/** The largest and the mean difference of two lists. */
export function differences(one: ArrayLike<number>, other: ArrayLike<number>): [number, number] {
  if (one.length !== other.length) throw new Error(`${one.length} values and ${other.length}`);
  let [most, sum] = [0, 0];
  for (let at = 0; at < one.length; at += 1) {
    const apart = Math.abs(one[at] - other[at]);
    if (!(apart <= most)) most = apart;
    sum += apart;
  }
  return [most, sum / one.length];
}

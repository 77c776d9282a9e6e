/** What is decided about an image before the network sees it, at sizes where rounding tells. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { boxBlur, gaussianBlur } from "../src/matting/filters.js";
import { planLetterbox } from "../src/matting/letterbox.js";
import { roundHalfEven } from "../src/matting/plane.js";
import { connectedRegions, distanceFrom } from "../src/matting/regions.js";
import { areaTaps, cubicTaps, linearTaps } from "../src/matting/resample.js";

const SQUARE = { height: 384, width: 384 };

test("halves are rounded to the even number, as in Python", () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map(roundHalfEven), [0, 2, 2, 0, 2, 3]);
});

test("an image of up to 2 to 1 fills the input, a longer one is padded in the middle", () => {
  const full = planLetterbox({ height: 100, width: 200 }, SQUARE);
  assert.deepEqual(full.window, { top: 0, left: 0, bottom: 384, right: 384 });
  const flat = planLetterbox({ height: 100, width: 400 }, SQUARE);
  assert.deepEqual(flat.window, { top: 96, left: 0, bottom: 288, right: 384 });
  const line = planLetterbox({ height: 1, width: 10_000 }, SQUARE);
  assert.deepEqual(line.window, { top: 191, left: 0, bottom: 192, right: 384 });
});

test("weights of each sample sum to one", () => {
  for (const tapsOf of [areaTaps, linearTaps, cubicTaps]) {
    const { start, weight } = tapsOf(37, 11);
    for (let output = 0; output < 11; output += 1) {
      const sum = weight.subarray(start[output], start[output + 1]).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - 1) < 1e-6);
    }
  }
});

test("blurs keep a flat plane flat, also one of a single pixel", () => {
  for (const [height, width] of [
    [1, 1],
    [3, 40],
  ]) {
    const flat = { data: new Float32Array(height * width).fill(0.25), height, width };
    for (const blurred of [gaussianBlur(flat, 3), boxBlur(flat, 30, "replicate")]) {
      assert.ok(blurred.data.every((value) => Math.abs(value - 0.25) < 1e-6));
    }
  }
});

test("regions touch at corners, and pixels take the nearest one's label", () => {
  const marked = Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 1);
  const { labels, count } = connectedRegions(marked, 2, 5);
  assert.equal(count, 3);
  assert.equal(labels[0], labels[6]);
  const { distance, nearest } = distanceFrom(marked, labels, 2, 5);
  assert.deepEqual([...nearest], [1, 1, 1, 2, 2, 1, 1, 1, 2, 2]);
  assert.ok(Math.abs(distance[3] - 1.4) < 1e-4 && distance[8] === 1);
});

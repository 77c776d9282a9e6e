import assert from "node:assert/strict";
import { test } from "node:test";
import { between, dab, dabBox, paintStroke } from "../src/pure/brush";

const size = { width: 60, height: 40 };

/** Grey on the left, red on the right of column 30. */
function twoColors(): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(4 * size.width * size.height).fill(255);
  for (let i = 0; i < size.width * size.height; i++) {
    const left = i % size.width < 30;
    rgba.set(left ? [120, 120, 120] : [220, 30, 30], 4 * i);
  }
  return rgba;
}

const level = (alpha: Uint8Array, x: number, y: number) => alpha[y * size.width + x];

test("a brush that stops at edges stays on its side of them", () => {
  const alpha = new Uint8Array(size.width * size.height);
  dab(alpha, twoColors(), size, { x: 26, y: 20 }, { keep: true, radius: 14, snap: true });
  assert.equal(level(alpha, 26, 20), 255);
  assert.equal(level(alpha, 20, 20), 255);
  assert.ok(level(alpha, 29, 20) > 250);
  assert.equal(level(alpha, 31, 20), 0);
});

test("one that does not goes on beyond them", () => {
  const alpha = new Uint8Array(size.width * size.height);
  dab(alpha, twoColors(), size, { x: 26, y: 20 }, { keep: true, radius: 14, snap: false });
  assert.equal(level(alpha, 33, 20), 255);
  assert.equal(level(alpha, 45, 20), 0);
});

test("noise does not stop it", () => {
  const rgba = twoColors().map((value, i) => value + (((i * 7919) % 7) - 3));
  const alpha = new Uint8Array(size.width * size.height);
  dab(alpha, rgba, size, { x: 15, y: 20 }, { keep: true, radius: 12, snap: true });
  assert.equal(level(alpha, 22, 20), 255);
});

test("erasing takes away, keeping never does", () => {
  const alpha = new Uint8Array(size.width * size.height).fill(255);
  dab(alpha, twoColors(), size, { x: 10, y: 20 }, { keep: true, radius: 6, snap: true });
  assert.ok(alpha.every((value) => value === 255));
  dab(alpha, twoColors(), size, { x: 10, y: 20 }, { keep: false, radius: 6, snap: true });
  assert.equal(level(alpha, 10, 20), 0);
  assert.equal(level(alpha, 20, 20), 255);
});

test("dabs at and beyond the edge of the image change what is inside", () => {
  const alpha = new Uint8Array(size.width * size.height);
  dab(alpha, twoColors(), size, { x: -2, y: 0 }, { keep: true, radius: 8, snap: false });
  assert.equal(level(alpha, 0, 0), 255);
  assert.deepEqual(dabBox({ x: 500, y: 500 }, 8, size).width, 0);
  dab(alpha, twoColors(), size, { x: 500, y: 500 }, { keep: true, radius: 8, snap: true });
});

test("a line has no gaps, and a stroke painted again is the same", () => {
  const points = between({ x: 5, y: 5 }, { x: 50, y: 30 }, 6);
  assert.deepEqual(points.at(-1), { x: 50, y: 30 });
  const stroke = { keep: true, radius: 6, snap: true, points };
  const [once, again] = [0, 1].map(() => new Uint8Array(size.width * size.height));
  const rgba = twoColors();
  for (const point of points) dab(once, rgba, size, point, stroke);
  paintStroke(again, rgba, size, stroke);
  assert.deepEqual(once, again);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { blurBehind, shadow } from "../src/pure/layers";

const size = { width: 80, height: 60 };

test("a blurred background has nothing of the person's colours", () => {
  const rgba = new Uint8ClampedArray(4 * size.width * size.height).fill(255);
  const alpha = new Uint8Array(size.width * size.height);
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i++) {
      const person = Math.hypot(x - 40, y - 30) < 20;
      alpha[i] = person ? 255 : 0;
      rgba.set(person ? [255, 0, 0] : [20, 90, 200], 4 * i);
    }
  }
  const { data, width, height, factor } = blurBehind(rgba, alpha, size, 6);
  assert.ok(width * factor >= size.width && height * factor >= size.height);
  for (let i = 0; i < width * height; i++) {
    assert.ok(Math.abs(data[4 * i] - 20) <= 2, `pixel ${i} is ${data.subarray(4 * i, 4 * i + 3)}`);
    assert.ok(Math.abs(data[4 * i + 2] - 200) <= 4);
  }
});

test("a person who fills the image leaves a background of some colour", () => {
  const rgba = new Uint8ClampedArray(4 * size.width * size.height).fill(128);
  const { data } = blurBehind(rgba, new Uint8Array(size.width * size.height).fill(255), size, 8);
  assert.ok(data.every((value, i) => i % 4 === 3 || value <= 255));
});

test("a shadow is soft, black, half as dark as the person is solid, and has room", () => {
  const alpha = new Uint8Array(size.width * size.height).fill(255);
  const { data, width, height, margin } = shadow(alpha, size);
  const at = (x: number, y: number) => data[4 * (y * width + x) + 3];
  assert.ok(Math.abs(at(width >> 1, height >> 1) - 127) <= 2);
  assert.ok(at(0, 0) < 4 && margin > 0);
  assert.equal(data[0], 0);
});

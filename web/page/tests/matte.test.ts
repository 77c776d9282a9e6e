import assert from "node:assert/strict";
import { test } from "node:test";
import { boxRadii, feather, grow } from "../src/pure/matte";

const size = { width: 41, height: 41 };

function disc(radius: number): Uint8Array {
  const alpha = new Uint8Array(size.width * size.height);
  for (let y = 0, i = 0; y < 41; y++)
    for (let x = 0; x < 41; x++, i++) if (Math.hypot(x - 20, y - 20) <= radius) alpha[i] = 255;
  return alpha;
}

const area = (alpha: Uint8Array) => alpha.reduce((sum, level) => sum + level / 255, 0);

test("growing moves the outline by so many pixels, shrinking back again", () => {
  const grown = grow(disc(10), size, 3);
  assert.ok(Math.abs(area(grown) / (Math.PI * 13.4 ** 2) - 1) < 0.05, String(area(grown)));
  assert.ok(Math.abs(area(grow(grown, size, -3)) / area(disc(10)) - 1) < 0.03);
  assert.equal(grow(disc(10), size, 0).length, size.width * size.height);
});

test("growing is the greatest level within the disc, also at the image's edge", () => {
  const alpha = Uint8Array.from(disc(10), (_, i) => (i * 7919) % 256);
  const grown = grow(alpha, size, 2);
  for (let y = 0; y < 41; y++) {
    for (let x = 0; x < 41; x++) {
      let most = 0;
      for (let j = Math.max(0, y - 2); j <= Math.min(40, y + 2); j++)
        for (let i = Math.max(0, x - 2); i <= Math.min(40, x + 2); i++)
          if (Math.hypot(i - x, j - y) < 2.5) most = Math.max(most, alpha[j * 41 + i]);
      assert.equal(grown[y * 41 + x], most);
    }
  }
});

test("feathering keeps the area and softens the edge like a Gaussian", () => {
  const step = Uint8Array.from({ length: 41 * 41 }, (_, i) => (i % 41 < 20 ? 255 : 0));
  const soft = feather(step, size, 3);
  const middle = soft.subarray(20 * 41, 21 * 41);
  const at = (x: number) => middle[x] / 255;
  assert.ok(Math.abs(at(20) - 0.43) < 0.03, String(at(20))); // half a pixel beyond the step
  assert.ok(Math.abs(at(23) - 0.12) < 0.03, String(at(23)));
  assert.equal(middle[0], 255);
  assert.equal(feather(step, size, 0), step);
});

test("three means have the standard deviation that is asked for", () => {
  for (const deviation of [1, 2.5, 7, 20]) {
    const variance = boxRadii(deviation).reduce((sum, r) => sum + ((2 * r + 1) ** 2 - 1) / 12, 0);
    assert.ok(
      Math.abs(Math.sqrt(variance) - deviation) < 0.35,
      `${deviation}: ${Math.sqrt(variance)}`,
    );
  }
});

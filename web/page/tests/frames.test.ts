import assert from "node:assert/strict";
import { test } from "node:test";
import { frame, personBox, windowAround, withRoom } from "../src/pure/frames";

const image = { width: 400, height: 300 };
const custom = { width: 100, height: 100 };

function contains(outer: ReturnType<typeof windowAround>, inner: ReturnType<typeof windowAround>) {
  const slack = 1e-9;
  return (
    outer.left <= inner.left + slack &&
    outer.top <= inner.top + slack &&
    outer.left + outer.width >= inner.left + inner.width - slack &&
    outer.top + outer.height >= inner.top + inner.height - slack
  );
}

test("the person's box holds every pixel that is seen, and nobody has none", () => {
  const alpha = new Uint8Array(12);
  alpha[1 * 4 + 2] = 200;
  alpha[2 * 4 + 1] = 13;
  alpha[0] = 12;
  const size = { width: 4, height: 3 };
  assert.deepEqual(personBox(alpha, size), { left: 1, top: 1, width: 2, height: 2 });
  assert.equal(personBox(new Uint8Array(12), size), null);
});

test("room around a person ends at the image's edge", () => {
  const box = { left: 2, top: 100, width: 100, height: 200 };
  assert.deepEqual(withRoom(box, image, 0.1), { left: 0, top: 80, width: 122, height: 220 });
});

test("a window has the shape that is asked for and holds the whole person", () => {
  for (const shape of [
    { width: 1, height: 1 },
    { width: 35, height: 45 },
    { width: 9, height: 16 },
  ]) {
    for (const box of [
      { left: 10, top: 0, width: 50, height: 300 },
      { left: 0, top: 20, width: 400, height: 100 },
      { left: 300, top: 200, width: 100, height: 100 },
    ]) {
      const window = windowAround(box, image, shape);
      assert.ok(contains(window, box), JSON.stringify({ window, box, shape }));
      assert.ok(Math.abs(window.width / window.height - shape.width / shape.height) < 1e-9);
    }
  }
});

test("a window stays within the image where it fits, and at the edge that cuts the person", () => {
  const small = windowAround({ left: 380, top: 280, width: 20, height: 20 }, image, custom);
  assert.deepEqual(small, { left: 380, top: 280, width: 20, height: 20 });
  const tall = windowAround({ left: 100, top: 50, width: 300, height: 250 }, image, {
    width: 1,
    height: 2,
  });
  assert.equal(tall.top + tall.height, 300); // the bottom cuts the person: nothing below it
});

test("frames: the whole image, a crop, a fixed size", () => {
  const person = { left: 100, top: 100, width: 100, height: 100 };
  assert.deepEqual(frame("whole", image, person, custom).size, image);
  assert.deepEqual(frame("crop", image, person, custom).box.width, 112);
  assert.deepEqual(frame("passport", image, person, custom).size, { width: 827, height: 1063 });
  assert.deepEqual(frame("custom", image, person, custom).size, custom);
  assert.deepEqual(frame("crop", image, null, custom).box.width, 400);
});

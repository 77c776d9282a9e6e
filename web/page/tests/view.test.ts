import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, move, toImage, zoom } from "../src/pure/view";

const image = { width: 1000, height: 500 };
const window = { width: 600, height: 600 };

test("fitting shows all of it in the middle", () => {
  const view = fit(image, window);
  assert.ok(view.x > 0 && view.x + image.width * view.scale < window.width);
  assert.ok(Math.abs(toImage(view, { x: 300, y: 300 }).x - 500) < 1e-6);
  assert.equal(fit({ width: 10, height: 10 }, window).scale, 2);
});

test("zooming holds the point below the finger", () => {
  const view = fit(image, window);
  const at = { x: 300, y: 310 };
  const before = toImage(view, at);
  const after = toImage(zoom(view, 3, at, image, window), at);
  assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 1e-6);
});

test("zoom has a least and a most, and the image cannot be lost", () => {
  const view = fit(image, window);
  assert.equal(zoom(view, 0.01, { x: 0, y: 0 }, image, window).scale, view.scale);
  assert.equal(zoom(view, 1e6, { x: 300, y: 300 }, image, window).scale, 16);
  const near = zoom(view, 4, { x: 300, y: 300 }, image, window);
  const far = move(near, { x: 1e6, y: 0 }, image, window);
  assert.ok(far.x < window.width);
});

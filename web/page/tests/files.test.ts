import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findTrouble, isWholeJpeg, kindOf, resultName } from "../src/pure/files";

const photo = new Uint8Array(readFileSync("../../examples/astronaut.jpg"));
const video = new Uint8Array(readFileSync("../../examples/astronaut.mp4"));
const icon = new Uint8Array(readFileSync("public/icon-192.png"));
const bytes = (text: string) => new TextEncoder().encode(text);

test("images and videos are told by their first bytes", () => {
  assert.equal(kindOf(photo), "image");
  assert.equal(kindOf(icon), "image");
  assert.equal(kindOf(video), "video");
  assert.equal(kindOf(bytes("\0\0\0\x20ftypavif")), "image");
  assert.equal(kindOf(bytes("hello")), null);
  assert.equal(kindOf(new Uint8Array()), null);
});

test("an empty file, a text and half a photo are said to be so", () => {
  assert.equal(findTrouble(new Uint8Array()), "empty");
  assert.equal(findTrouble(bytes("dear diary, today")), "not-image");
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
    assert.equal(findTrouble(photo.subarray(0, photo.length * share)), "cut-short", String(share));
    assert.equal(findTrouble(icon.subarray(0, Math.max(12, icon.length * share))), "cut-short");
  }
});

test("a whole photo is whole, also with something behind its end, or with a preview in it", () => {
  assert.equal(findTrouble(photo), null);
  assert.equal(findTrouble(icon), null);
  assert.equal(findTrouble(new Uint8Array([...photo, 1, 2, 3])), null);
  const preview = photo.subarray(0, 30_000);
  const size = preview.length + 2;
  const inside = [0xff, 0xd8, 0xff, 0xe1, size >> 8, size & 255, ...preview];
  assert.equal(isWholeJpeg(new Uint8Array([...inside, ...photo.subarray(2)])), true);
  assert.equal(isWholeJpeg(new Uint8Array([...inside, ...photo.subarray(2, 5000)])), false);
});

test("a WebP says how long it is", () => {
  const webp = new Uint8Array([...bytes("RIFF"), 12, 0, 0, 0, ...bytes("WEBPVP8 "), 0, 0, 0, 0]);
  assert.equal(findTrouble(webp), null);
  assert.equal(findTrouble(webp.subarray(0, 14)), "cut-short");
});

test("results are named after their images, twins get a number", () => {
  assert.equal(resultName("photo.of.me.jpeg", "png", new Set()), "photo.of.me.cutout.png");
  assert.equal(resultName("a.jpg", "webp", new Set(["a.cutout.webp"])), "a-2.cutout.webp");
  assert.equal(resultName(".jpg", "png", new Set()), "image.cutout.png");
});

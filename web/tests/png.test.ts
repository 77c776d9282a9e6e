/** A PNG file holds the very pixels that were given. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import { encodePng } from "../src/png.js";

const PAETH = 4;

async function chunksOf(blob: Blob): Promise<Map<string, Buffer>> {
  const file = Buffer.from(await blob.arrayBuffer());
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const [name, end] = [file.toString("latin1", at + 4, at + 8), at + 8 + length];
    assert.equal(file.readUInt32BE(end), crc32(file.subarray(at + 4, end)), `sum of ${name}`);
    const before = chunks.get(name) ?? Buffer.alloc(0);
    chunks.set(name, Buffer.concat([before, file.subarray(at + 8, end)]));
    at = end + 4;
  }
  return chunks;
}

/** Undo the filter of each row (ISO/IEC 15948, 9.2). */
function unfiltered(packed: Buffer, width: number): number[] {
  const rows = inflateSync(packed);
  const [length, pixels] = [4 * width, [] as number[]];
  for (let row = 0; row * (length + 1) < rows.length; row += 1) {
    assert.equal(rows[row * (length + 1)], PAETH);
    for (let at = 0; at < length; at += 1) {
      const left = at < 4 ? 0 : pixels[row * length + at - 4];
      const above = row === 0 ? 0 : pixels[(row - 1) * length + at];
      const corner = at < 4 || row === 0 ? 0 : pixels[(row - 1) * length + at - 4];
      const guess = left + above - corner;
      const order = [left, above, corner].map((value) => Math.abs(guess - value));
      const best = [left, above, corner][order.indexOf(Math.min(...order))];
      pixels.push((rows[row * (length + 1) + 1 + at] + best) & 255);
    }
  }
  return pixels;
}

test("pixels come back as they were, nearly transparent ones too", async () => {
  const [width, height] = [37, 29];
  const data = new Uint8ClampedArray(4 * width * height).map((_, at) => (at * at * 7 + at) % 256);
  const chunks = await chunksOf(await encodePng(data, width, height, "srgb"));
  assert.deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
  assert.deepEqual(unfiltered(chunks.get("IDAT") ?? assert.fail(), width), [...data]);
});

test("an image of more than one strip is whole", async () => {
  const [width, height] = [1024, 700];
  const data = new Uint8ClampedArray(4 * width * height).map((_, at) => (at >> 10) % 256);
  const chunks = await chunksOf(await encodePng(data, width, height, "srgb"));
  const rows = inflateSync(chunks.get("IDAT") ?? assert.fail());
  assert.equal(rows.length, height * (4 * width + 1));
});

test("wide colours are told by a profile", async () => {
  const blob = await encodePng(new Uint8ClampedArray(4), 1, 1, "display-p3");
  const profile = (await chunksOf(blob)).get("iCCP") ?? assert.fail();
  const start = profile.indexOf(0) + 2;
  assert.equal(inflateSync(profile.subarray(start)).toString("latin1", 36, 40), "acsp");
});

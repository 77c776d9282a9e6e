/** The steps from an image to a cutout give what Python gives; tools/web_fixtures.py says how. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { editedForeground } from "../src/matting/edited_foreground.js";
import { estimateForeground } from "../src/matting/foreground.js";
import { estimateMatte, stretchLevels } from "../src/matting/image_alpha.js";
import { letterbox } from "../src/matting/letterbox.js";
import { dropSpot, resolveUncertainRegions } from "../src/matting/small_regions.js";
import { differences, planeOf, rgbaOf, SCENES, type Scene, unpacked } from "./fixture.js";

const SIDE = 64;

function replay({ mattes }: Scene) {
  const left = mattes.map((matte) => planeOf(matte).data);
  return {
    size: { height: SIDE, width: SIDE },
    run: async () => left.shift() ?? assert.fail("the network is asked too often"),
    left,
  };
}

function colorsOf(rgba: Uint8ClampedArray): Uint8ClampedArray {
  return rgba.filter((_, at) => at % 4 !== 3);
}

for (const [name, scene] of Object.entries(SCENES)) {
  test(`${name}: the network sees what it sees in Python`, () => {
    const { square } = letterbox(rgbaOf(scene.image), { height: SIDE, width: SIDE });
    const levels = square.map((value) => value * 255);
    const padded = levels.map((value) => (value === 127.5 ? 128 : value));
    const [most] = differences(padded, unpacked(scene.square));
    assert.ok(most < 0.01, `levels differ by ${most}`);
  });

  test(`${name}: small regions are settled alike`, () => {
    const matte = planeOf(scene.mattes[0]);
    const settled = resolveUncertainRegions({ ...matte, data: stretchLevels(matte.data) });
    const [most] = differences(settled.data, planeOf(scene.settled).data);
    assert.ok(most < 0.002, `mattes differ by ${most}`);
  });

  test(`${name}: the matte is the same, and the network is asked as often`, async () => {
    const engine = replay(scene);
    const alpha = await estimateMatte(rgbaOf(scene.image), engine, async () => {});
    const [most, mean] = differences(alpha.data, planeOf(scene.alpha).data);
    assert.equal(engine.left.length, 0);
    assert.ok(most < 0.01 && mean < 0.001, `mattes differ by ${most}, ${mean} in the mean`);
  });

  test(`${name}: the person's colours are the same`, () => {
    const found = estimateForeground(rgbaOf(scene.image), planeOf(scene.alpha));
    const [most, mean] = differences(colorsOf(found), unpacked(scene.foreground));
    assert.ok(most <= 2 && mean < 0.01, `colours differ by ${most}, ${mean} in the mean`);
  });

  test(`${name}: an outline that grew is filled alike`, () => {
    const [found, shown] = [planeOf(scene.alpha), planeOf(scene.shown)];
    const edited = editedForeground(rgbaOf(scene.image), found, shown);
    const [most, mean] = differences(colorsOf(edited), unpacked(scene.edited));
    assert.ok(most <= 2 && mean < 0.02, `colours differ by ${most}, ${mean} in the mean`);
  });
}

test("a spot in doubt is nobody; a sure one, or somebody faint and large, stays", () => {
  const patch = (rows: number, level: number) => {
    const data = new Float32Array(100 * 100);
    for (let row = 10; row < 10 + rows; row += 1) data.fill(level, 100 * row + 10, 100 * row + 20);
    return { data, height: 100, width: 100 };
  };
  assert.ok(dropSpot(patch(5, 0.9)).data.every((value) => value === 0));
  for (const kept of [patch(5, 0.93), patch(6, 0.9), patch(6, 0.2)]) {
    assert.equal(dropSpot(kept), kept);
  }
});

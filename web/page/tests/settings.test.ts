import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS, fromQuery, toQuery } from "../src/pure/settings";

test("settings survive the way into an address and back", () => {
  const look = {
    ...DEFAULTS,
    background: "gradient",
    color: "#12ab34",
    feather: 3,
    grow: -2,
    shadow: true,
    frame: "passport",
    type: "webp",
    quality: 80,
  } as const;
  assert.deepEqual(fromQuery(toQuery(look, "")), look);
});

test("usual settings leave the address alone, and other names in it stay", () => {
  assert.equal(toQuery(DEFAULTS, ""), "");
  assert.equal(toQuery({ ...DEFAULTS, grow: 2 }, "?lang=ar&feather=3"), "?lang=ar&grow=2");
});

test("what is wrong in an address is as usual", () => {
  const wrong =
    "?background=fire&color=red&feather=99&grow=&blur=NaN&shadow=yes&frame=__proto__&type=exe";
  assert.deepEqual(fromQuery(wrong), DEFAULTS);
  assert.equal(fromQuery("?color=FF00ff").color, "#ff00ff");
});

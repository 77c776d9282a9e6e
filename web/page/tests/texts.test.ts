import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedLanguage } from "../src/texts";
import { ar } from "../src/texts/ar";
import { en } from "../src/texts/en";

const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();

test("every text has the same gaps in every language, and none is left out", () => {
  assert.deepEqual(Object.keys(ar).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(gaps(ar[key as keyof typeof en]), gaps(text), key);
    assert.ok(ar[key as keyof typeof en].trim(), key);
  }
});

test("an address goes before what the browser speaks, and English is the last choice", () => {
  assert.equal(wantedLanguage("?lang=ar", ["en"]), "ar");
  assert.equal(wantedLanguage("?lang=xx", ["ar-EG", "en"]), "ar");
  assert.equal(wantedLanguage("", ["xx"]), "en");
});

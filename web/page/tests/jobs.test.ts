import assert from "node:assert/strict";
import { test } from "node:test";
import { optionsOf, readJob } from "../src/pure/jobs";
import { DEFAULTS } from "../src/pure/settings";

test("a job is told with its frames, or without where the server does not know them", () => {
  const told = { id: "a", state: "running", frames: 30, total: 120 };
  assert.deepEqual(readJob(told), { id: "a", state: "running", percent: 25, reason: "running" });
  assert.equal(readJob({ id: "a", state: "running", frames: 30, total: null }).percent, 0);
  assert.equal(readJob({ id: "a", state: "queued" }).percent, 0);
});

test("a job that failed says why, and an unknown state is a failure", () => {
  assert.equal(readJob({ id: "a", state: "failed", error: "no video" }).reason, "no video");
  assert.equal(readJob({ id: "a", state: "lost" }).state, "failed");
});

test("options are those of the command", () => {
  const look = { ...DEFAULTS, background: "gradient", color: "#112233", grow: -2 } as const;
  assert.deepEqual(optionsOf(look), [
    ["container", "mp4"],
    ["background", "gradient:#112233,#cfd8dc"],
    ["grow", "-2"],
  ]);
  assert.deepEqual(optionsOf(DEFAULTS)[0], ["container", "webm"]);
  assert.deepEqual(optionsOf({ ...DEFAULTS, background: "image" }), [["container", "mp4"]]);
});

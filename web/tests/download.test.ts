/** Files are counted as they come in, and those of another version are not taken. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";
import { FiguregroundError, type Progress } from "../src/api.js";
import { fetchChecked } from "../src/download.js";

const NETWORK = new Uint8Array(5000).map((_, at) => at);
const FACTS = {
  bytes: NETWORK.length,
  sha256: createHash("sha256").update(NETWORK).digest("hex"),
};
const URL_OF_IT = new URL("https://example.org/lite.tflite");
const { fetch } = globalThis;
const caches: (RequestCache | undefined)[] = [];

afterEach(() => {
  globalThis.fetch = fetch;
  caches.length = 0;
});

function serve(...answers: readonly (() => Response)[]): void {
  globalThis.fetch = async (_, options) => {
    caches.push(options?.cache);
    return (answers[caches.length - 1] ?? assert.fail("asked too often"))();
  };
}

test("a whole file is counted up to its size", async () => {
  serve(() => new Response(NETWORK));
  const told: Progress[] = [];
  const content = await fetchChecked(URL_OF_IT, FACTS, "network", (each) => told.push(each));
  assert.deepEqual(content, NETWORK);
  assert.deepEqual(told.at(-1), { what: "network", loaded: 5000, total: 5000 });
});

test("a file that a cache holds from another version is fetched anew", async () => {
  serve(
    () => new Response(new Uint8Array(5000)),
    () => new Response(NETWORK),
  );
  assert.deepEqual(await fetchChecked(URL_OF_IT, FACTS, "network", () => {}), NETWORK);
  assert.deepEqual(caches, ["default", "reload"]);
});

test("a wrong file is refused by its name", async () => {
  serve(
    () => new Response(new Uint8Array(5000)),
    () => new Response(new Uint8Array(12)),
  );
  await assert.rejects(
    fetchChecked(URL_OF_IT, FACTS, "network", () => {}),
    (error) => {
      assert.ok(error instanceof FiguregroundError && error.message.includes(URL_OF_IT.href));
      return error.code === "load";
    },
  );
});

test("a missing file says what assets must be", async () => {
  serve(() => new Response("", { status: 404 }));
  await assert.rejects(
    fetchChecked(URL_OF_IT, FACTS, "network", () => {}),
    /404.*assets/,
  );
});

test("a network of one's own is taken as it comes", async () => {
  serve(() => new Response(NETWORK, { headers: { "content-length": "5000" } }));
  const told: Progress[] = [];
  await fetchChecked(URL_OF_IT, null, "network", (each) => told.push(each));
  assert.equal(told.at(-1)?.total, 5000);
});

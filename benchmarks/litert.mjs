// Run a network by LiteRT.js in Node: node litert.mjs NETWORK SQUARE ALPHA SIDE RUNS
//
// SQUARE is float32 (SIDE, SIDE, 3), ALPHA becomes float32 (SIDE, SIDE). Prints milliseconds of each
// run as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { loadAndCompile, Tensor } from "./litert_node.mjs";

const [network, square, alpha, side, runs] = process.argv.slice(2);
const loaded = await loadAndCompile(new Uint8Array(readFileSync(network)), { accelerator: "wasm" });
const rgb = new Float32Array(new Uint8Array(readFileSync(square)).buffer);
const times = [];
let matte;
for (let run = 0; run <= Number(runs); run++) {
  const began = performance.now();
  const input = new Tensor(rgb, [1, Number(side), Number(side), 3]);
  const [output] = await loaded.run(input);
  matte = output.toTypedArray().slice();
  input.delete();
  output.delete();
  times.push(performance.now() - began);
}
writeFileSync(alpha, matte);
console.log(JSON.stringify(times));
process.exit(0);

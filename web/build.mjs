/** Build the package into dist/: library, worker, LiteRT.js and the networks; nothing is loaded from elsewhere. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const LITERT = "node_modules/@litertjs/core";
const WEIGHTS = "../src/figureground/models/weights";
const BUILDS = [
  "litert_wasm_internal",
  "litert_wasm_threaded_internal",
  "litert_wasm_compat_internal",
];
const MODELS = ["lite.tflite", "lite-int8.tflite"];

function facts(path) {
  const content = readFileSync(path);
  return { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist/litert", { recursive: true });
const files = {};
for (const name of MODELS) {
  cpSync(`${WEIGHTS}/${name}`, `dist/${name}`);
  files[name] = facts(`dist/${name}`);
}
for (const name of BUILDS) {
  for (const ending of ["js", "wasm"])
    cpSync(`${LITERT}/wasm/${name}.${ending}`, `dist/litert/${name}.${ending}`);
  files[`litert/${name}.wasm`] = facts(`dist/litert/${name}.wasm`);
}
const { version } = JSON.parse(readFileSync(`${LITERT}/package.json`, "utf8"));
writeFileSync(
  "dist/litert/README",
  `LiteRT.js ${version} (npm @litertjs/core), Google LLC, Apache-2.0, unchanged.\n`,
);
cpSync("../LICENSE", "dist/LICENSE");

const shared = {
  bundle: true,
  minify: true,
  target: "es2022",
  outdir: "dist",
  logLevel: "warning",
};
await build({ ...shared, entryPoints: ["src/index.ts", "src/stages.ts"], format: "esm" });
await build({
  ...shared,
  entryPoints: ["src/worker.ts"],
  format: "iife", // LiteRT.js calls importScripts, which module workers have not
  define: { FILES: JSON.stringify(files) },
});
if (!process.argv.includes("--no-types")) {
  const { status } = spawnSync("npx", ["tsc", "--project", "tsconfig.build.json"], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}

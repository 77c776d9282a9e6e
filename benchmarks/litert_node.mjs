// LiteRT.js for Node, which it is not made for: it loads its WebAssembly as in a worker of a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import vm from "node:vm";

const require = createRequire(new URL("../web/package.json", import.meta.url));
const core = dirname(dirname(require.resolve("@litertjs/core")));
globalThis.self = globalThis;
globalThis.require = require;
globalThis.__dirname = join(core, "wasm");
globalThis.importScripts = (url) => vm.runInThisContext(readFileSync(url, "utf8"));

export const { loadLiteRt, loadAndCompile, Tensor } = await import(require.resolve("@litertjs/core"));
await loadLiteRt(`${join(core, "wasm")}/`);

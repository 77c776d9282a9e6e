/**
 * Build the page: `node build.mjs [--out DIR] [--fake]`. The same sources give the same bytes.
 *
 * `--fake` puts a stand-in for the library into it, for tests of the page alone.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const { values } = parseArgs({ options: { out: { type: "string" }, fake: { type: "boolean" } } });
const out = resolve(values.out ?? join(root, "src/figureground/page/static"));
const library = resolve(here, "../dist");
const weights = join(root, "src/figureground/models/weights");

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
};

const fake = {
  name: "fake",
  setup(setup) {
    setup.onResolve({ filter: /src\/index\.js$/ }, () => ({
      path: join(here, "tests/fake/index.ts"),
    }));
  },
};

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
cpSync(join(here, "public"), out, { recursive: true });
cpSync(join(root, "examples/astronaut.jpg"), join(out, "example.jpg"));
await build({
  ...common,
  entryPoints: [
    { in: "src/main.tsx", out: "app" },
    { in: "src/app.css", out: "app" },
  ],
  outdir: out,
  format: "esm",
  splitting: true,
  chunkNames: "chunk-[hash]",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: values.fake ? [fake] : [],
});
if (!values.fake) {
  for (const name of filesOf(library).filter((file) => /^(worker\.js|litert\/.*)$/.test(file))) {
    cpSync(join(library, name), join(out, "engine", name));
  }
}

// What others wrote, and under which licence it is passed on.
const PARTS = ["preact", "@preact/signals", "@preact/signals-core", "fflate"];
writeFileSync(join(out, "licences.txt"), PARTS.map(licence).join("\n\n"));

// The network lies with the package's weights; it is put beside these when the site is written.
const sums = {};
for (const name of filesOf(out)) {
  if (name !== "config.json") sums[name] = sha256(readFileSync(join(out, name)));
}
sums["engine/lite.tflite"] = sha256(readFileSync(join(weights, "lite.tflite")));
await build({
  ...common,
  entryPoints: ["src/sw.ts"],
  outfile: join(out, "sw.js"),
  format: "iife",
  define: { __FILES__: JSON.stringify(sums) },
});
writeFileSync(
  join(out, "SHA256SUMS"),
  lines({ ...sums, "sw.js": sha256(readFileSync(join(out, "sw.js"))) }),
);

function licence(name) {
  const folder = join(here, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
}

function lines(of) {
  return `${Object.entries(of)
    .sort()
    .map(([name, sum]) => `${sum}  ${name}`)
    .join("\n")}\n`;
}

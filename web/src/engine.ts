/** LiteRT.js: WebGPU where there is an adapter, else WebAssembly with as many threads as may be. */
import {
  type CompiledModel,
  getWebGpuDevice,
  loadAndCompile,
  loadLiteRt,
  supportsFeature,
  Tensor,
} from "@litertjs/core";
import { type Device, FiguregroundError, type Progress } from "./api.js";
import { compileCounted, type FileFacts, fetchChecked, reasonOf } from "./download.js";
import type { Engine } from "./matting/image_alpha.js";
import type { Loaded, Setup } from "./protocol.js";

/** Sizes and hashes of the package's files, by their names; the build fills it in. */
declare const FILES: Readonly<Record<string, FileFacts>>;

const ROUNDING = 1e-3; // by which a matte may miss 0 to 1

/** What LiteRT.js's loader takes from the worker's global scope. */
interface LoaderScope {
  Module: unknown;
}

/** A loaded network, and what it runs on. */
export interface LoadedEngine extends Engine {
  readonly loaded: Loaded;
}

/** Load runtime and network. Rejects with a FiguregroundError of code `load`. */
export async function loadEngine(
  setup: Setup,
  tell: (progress: Progress) => void,
): Promise<LoadedEngine> {
  const device = await deviceFor(setup.device);
  const relaxed = await supportsFeature("relaxedSimd");
  const threads = device === "wasm" && relaxed && canShare() ? Math.max(1, setup.threads) : 1;
  const build = !relaxed ? "compat_" : threads > 1 ? "threaded_" : "";
  const loader = `litert/litert_wasm_${build}internal.js`;
  const [network] = await Promise.all([
    fetchNetwork(setup, tell),
    startRuntime(setup, loader, { device, threads, tell }),
  ]);
  return compiled(network, { device, threads });
}

function fetchNetwork({ assets, model }: Setup, tell: (progress: Progress) => void) {
  if (URL.canParse(model)) return fetchChecked(new URL(model), null, "network", tell);
  const name = `${model}.tflite`;
  return fetchChecked(new URL(name, assets), factsOf(name), "network", tell);
}

function factsOf(name: string): FileFacts {
  const facts = FILES[name];
  if (facts !== undefined) return facts;
  throw new FiguregroundError(
    "usage",
    `there is no network ${name.replace(".tflite", "")}; take lite, lite-int8, or a URL`,
  );
}

function canShare(): boolean {
  return self.crossOriginIsolated && typeof SharedArrayBuffer !== "undefined";
}

/** What to run on. A software adapter of WebGPU is slower than WebAssembly: only on request. */
async function deviceFor(wanted: Setup["device"]): Promise<Device> {
  if (wanted === "wasm") return "wasm";
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (adapter && (wanted === "webgpu" || !adapter.info.isFallbackAdapter)) return "webgpu";
  if (wanted === "auto") return "wasm";
  throw new FiguregroundError("load", "this browser has no WebGPU adapter; choose device auto");
}

interface Runtime extends Loaded {
  readonly tell: (progress: Progress) => void;
}

async function startRuntime(setup: Setup, loader: string, runtime: Runtime): Promise<void> {
  const name = loader.replace(/js$/, "wasm");
  const url = new URL(loader, setup.assets).href;
  const wasm = await compileCounted(
    new URL(name, setup.assets),
    factsOf(name),
    "runtime",
    runtime.tell,
  );
  pretend("hardwareConcurrency", runtime.threads); // the loader starts as many threads
  if (runtime.device === "wasm") pretend("gpu", undefined); // or it would start the graphics card
  const failed = new Promise<never>((_, reject) => {
    (self as unknown as LoaderScope).Module = {
      mainScriptUrlOrBlob: url,
      instantiateWasm: (imports: WebAssembly.Imports, done: InstanceTaker) => {
        WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm), reject);
        return {};
      },
      printErr: () => {}, // it tells how it starts, as errors
    };
  });
  try {
    await quietly(() => Promise.race([failed, loadLiteRt(url)]));
  } catch (error) {
    throw new FiguregroundError("load", `LiteRT.js cannot start: ${reasonOf(error)}`);
  }
}

type InstanceTaker = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

function pretend(property: string, value: unknown): void {
  Object.defineProperty(navigator, property, { value, configurable: true });
}

/** Do something without the warnings of LiteRT.js, such as that there is no graphics card. */
async function quietly<Value>(work: () => Promise<Value>): Promise<Value> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}

async function compiled(network: Uint8Array, wanted: Loaded): Promise<LoadedEngine> {
  const device = wanted.device === "webgpu" && getWebGpuDevice() === null ? "wasm" : wanted.device;
  try {
    const model = await quietly(() =>
      loadAndCompile(network, {
        accelerator: device,
        cpuOptions: { numThreads: wanted.threads },
        gpuOptions: { precision: "fp32" },
      }),
    );
    const [, height, width] = model.getInputDetails()[0].shape;
    const size = { height, width };
    const run = (square: Float32Array) => runOnce(model, square, [1, height, width, 3]);
    return { size, run, loaded: { device, threads: wanted.threads } };
  } catch (error) {
    throw new FiguregroundError("load", `LiteRT.js cannot load the network: ${reasonOf(error)}`);
  }
}

async function runOnce(
  model: CompiledModel,
  square: Float32Array,
  shape: number[],
): Promise<Float32Array> {
  const input = new Tensor(square, shape);
  try {
    const [output] = await model.run([input]);
    const alpha = Float32Array.from(await output.data());
    output.delete();
    return checked(alpha);
  } finally {
    input.delete();
  }
}

function checked(alpha: Float32Array): Float32Array {
  if (alpha.every((value) => value >= -ROUNDING && value <= 1 + ROUNDING)) return alpha; // NaN is neither
  throw new FiguregroundError("network", "the network gave a matte that is not within 0 to 1");
}

/** The network: loaded once, shared by all that needs it. */
import { signal } from "@preact/signals";
import { type Device, type Progress, Remover } from "../../src/index.js";

export type EngineState =
  | { readonly kind: "loading"; readonly percent: number }
  | { readonly kind: "ready"; readonly device: Device }
  | { readonly kind: "failed"; readonly reason: string };

export const engineState = signal<EngineState>({ kind: "loading", percent: 0 });

let loading: Promise<Remover> | null = null;

/** The loaded network; asks for it where that has not been done. */
export function engine(): Promise<Remover> {
  loading ??= load();
  return loading;
}

/** Load again after a failure. */
export function reload(): Promise<Remover> {
  loading = null;
  return engine();
}

/** What the address asks to run the network on. */
export function wantedDevice(query: string): Device | "auto" {
  const wanted = new URLSearchParams(query).get("device");
  return wanted === "webgpu" || wanted === "wasm" ? wanted : "auto";
}

async function load(): Promise<Remover> {
  const parts = new Map<string, Progress>();
  const onProgress = (progress: Progress) => {
    parts.set(progress.what, progress);
    const sum = (of: "loaded" | "total") => [...parts.values()].reduce((n, p) => n + p[of], 0);
    const share = sum("loaded") / Math.max(1, sum("total"));
    engineState.value = { kind: "loading", percent: Math.min(99, Math.round(100 * share)) };
  };
  engineState.value = { kind: "loading", percent: 0 };
  try {
    const remover = await Remover.load({
      assets: new URL("engine/", document.baseURI),
      device: wantedDevice(location.search),
      onProgress,
    });
    engineState.value = { kind: "ready", device: remover.device };
    return remover;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    engineState.value = { kind: "failed", reason };
    throw error;
  }
}

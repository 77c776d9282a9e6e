/** Files of the package, counted as they come in. */
import { FiguregroundError, type Progress } from "./api.js";

/** What a file must be; written at build time. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

type Tell = (progress: Progress) => void;

/**
 * A file whose hash is checked; one that a cache holds from another version is fetched again.
 *
 * facts: null for a file of somebody's own, which is taken as it comes.
 */
export async function fetchChecked(
  url: URL,
  facts: FileFacts | null,
  what: Progress["what"],
  tell: Tell,
): Promise<Uint8Array<ArrayBuffer>> {
  for (const cache of ["default", "reload"] as const) {
    const response = await open(url, cache);
    const total = facts?.bytes ?? Number(response.headers.get("content-length") ?? 0);
    const content = await readAll(response, total, what, tell);
    if (facts === null || (await isWhole(content, facts))) return content;
  }
  throw new FiguregroundError(
    "load",
    `${url.href} is not the file of this version (its hash differs); copy the package's dist anew`,
  );
}

/** A WebAssembly module, compiled while it comes in. */
export async function compileCounted(
  url: URL,
  facts: FileFacts,
  what: Progress["what"],
  tell: Tell,
): Promise<WebAssembly.Module> {
  const response = await open(url, "default");
  const counted = response.body?.pipeThrough(counter(facts.bytes, what, tell));
  const headers = { "content-type": "application/wasm" };
  try {
    return await WebAssembly.compileStreaming(new Response(counted, { headers }));
  } catch (error) {
    throw new FiguregroundError("load", `${url.href} cannot be compiled: ${reasonOf(error)}`);
  }
}

/** The first line of what an error says. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].slice(0, 140);
}

async function open(url: URL, cache: RequestCache): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { cache });
  } catch (error) {
    throw new FiguregroundError("load", `${url.href} cannot be fetched: ${reasonOf(error)}`);
  }
  if (response.ok) return response;
  throw new FiguregroundError(
    "load",
    `${url.href} is not there (${response.status}); \`assets\` must name the folder of the package's dist`,
  );
}

function counter(
  total: number,
  what: Progress["what"],
  tell: Tell,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let loaded = 0;
  return new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.length;
      tell({ what, loaded: total ? Math.min(loaded, total) : loaded, total });
      controller.enqueue(chunk);
    },
  });
}

async function readAll(
  response: Response,
  total: number,
  what: Progress["what"],
  tell: Tell,
): Promise<Uint8Array<ArrayBuffer>> {
  const counted = response.body?.pipeThrough(counter(total, what, tell));
  return new Uint8Array(await new Response(counted).arrayBuffer());
}

async function isWhole(content: Uint8Array<ArrayBuffer>, facts: FileFacts): Promise<boolean> {
  if (content.length !== facts.bytes) return false;
  if (globalThis.crypto?.subtle === undefined) return true; // pages without https have none
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === facts.sha256;
}

/**
 * Keeps the page for use without a network, and isolates it on hosts that send no headers.
 *
 * A file is kept only if its SHA-256 is the one it was built with; what arrives damaged is refused.
 */
declare const __FILES__: Record<string, string>;

const worker = self as unknown as ServiceWorkerGlobalScope;
const FILES = __FILES__;
const CACHE = "figureground";
const LATER = /^(engine\/|example)/; // fetched when first asked for, not before the page is usable
const LIVE = "config.json";
const ISOLATE = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const keyOf = (path: string) => new URL(`${path}?${FILES[path]}`, worker.registration.scope).href;

/** The path within the page, `index.html` for the page itself; null of what is not of it. */
function pathOf(address: string): string | null {
  const { href, origin, pathname } = new URL(worker.registration.scope);
  const url = new URL(address);
  if (url.origin !== origin || !url.href.startsWith(href)) return null;
  return decodeURIComponent(url.pathname.slice(pathname.length)) || "index.html";
}

async function digest(bytes: BufferSource): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same answer with headers that isolate the page. */
function isolated(answer: Response, body: BodyInit | null = answer.body): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(ISOLATE)) headers.set(name, value);
  headers.delete("Content-Encoding"); // the body is unpacked already
  return new Response(body, { status: answer.status, statusText: answer.statusText, headers });
}

/** Pass a file on as it comes in; at its end it is kept if it is right, and refused if not. */
function checked(path: string, answer: Response): Response {
  const reader = answer.body!.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const body = new ReadableStream<Uint8Array>({
    async pull(control) {
      const { done, value } = await reader.read();
      if (!done) {
        parts.push(value as Uint8Array<ArrayBuffer>);
        return control.enqueue(value);
      }
      const whole = new Blob(parts);
      const sum = await digest(await whole.arrayBuffer());
      if (sum !== FILES[path]) {
        return control.error(new TypeError(`${path} arrived damaged: its SHA-256 is ${sum}`));
      }
      const cache = await caches.open(CACHE);
      await cache.put(
        keyOf(path),
        new Response(whole, { headers: isolated(answer, null).headers }),
      );
      control.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return isolated(answer, body);
}

async function answerTo(path: string, request: Request): Promise<Response> {
  const kept = await caches.match(keyOf(path));
  if (kept) return isolated(kept);
  const answer = await fetch(new Request(request.url, { cache: "no-cache" }));
  return answer.ok && answer.body ? checked(path, answer) : answer;
}

async function live(request: Request): Promise<Response> {
  try {
    return isolated(await fetch(request));
  } catch {
    return isolated(Response.json({ server: false })); // offline
  }
}

async function install(): Promise<void> {
  const wanted = Object.keys(FILES).filter((path) => !LATER.test(path));
  await Promise.all(
    wanted.map(async (path) => {
      if (await caches.match(keyOf(path))) return;
      const address = path === "index.html" ? "./" : path;
      const answer = await fetch(new URL(address, worker.registration.scope), {
        cache: "no-cache",
      });
      if (!answer.ok) throw new TypeError(`${path}: ${answer.status}`);
      await checked(path, answer).arrayBuffer();
    }),
  );
  await worker.skipWaiting();
}

/** Drop what no file of this version is. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const current = new Set(Object.keys(FILES).map(keyOf));
  const old = (await cache.keys()).filter((request) => !current.has(request.url));
  await Promise.all(old.map((request) => cache.delete(request)));
  await worker.clients.claim();
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const path = event.request.method === "GET" ? pathOf(event.request.url) : null;
  if (path === LIVE) event.respondWith(live(event.request));
  else if (path !== null && path in FILES) event.respondWith(answerTo(path, event.request));
});

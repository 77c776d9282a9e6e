/** The service worker: keeps the page and the network, and isolates the page on plain hosts. */
import { items } from "./items";

const WAIT = 4000; // milliseconds that the page waits for its service worker at most

/** Let the service worker take over; loads the page once more where only that isolates it. */
export async function offline(): Promise<void> {
  const workers = navigator.serviceWorker; // missing where the page comes by plain http
  if (!workers) return;
  try {
    await workers.register("sw.js");
  } catch {
    return; // private windows of some browsers
  }
  if (!workers.controller) await takeover(workers);
  const again = !crossOriginIsolated && workers.controller && !sessionStorage.getItem("isolated");
  if (again && !items.value.length) {
    sessionStorage.setItem("isolated", "tried");
    location.reload();
    await new Promise(() => undefined);
  }
}

function takeover(workers: ServiceWorkerContainer): Promise<void> {
  return new Promise((resolve) => {
    workers.addEventListener("controllerchange", () => resolve(), { once: true });
    setTimeout(resolve, WAIT);
  });
}

// Takes people out of images with one network, in a worker that does all of it; see docs/browser.md.

/** The worker's tasks are numbered, and so are its answers. */
export class Remover {
  #worker = new Worker(new URL("engine/worker.js", import.meta.url));
  #waiting = [];

  constructor() {
    this.#worker.onmessage = ({ data: { id, result, failure } }) => {
      if (result) this.#waiting[id].resolve(result);
      else if (failure) this.#waiting[id].reject(new Error(failure.message));
    };
  }

  #ask(task) {
    return new Promise((resolve, reject) => {
      const id = this.#waiting.push({ resolve, reject }) - 1;
      this.#worker.postMessage({ id, task });
    });
  }

  /** Load a network, of a name in the page's folder. */
  load(name) {
    const assets = new URL("engine/", import.meta.url).href;
    const model = new URL(name, import.meta.url).href;
    const threads = navigator.hardwareConcurrency || 1;
    return this.#ask({ kind: "load", setup: { assets, model, device: "auto", threads } });
  }

  /** The person of an image's file as a PNG file. */
  removeBackground(image) {
    return this.#ask({ kind: "remove", image, options: {} });
  }
}

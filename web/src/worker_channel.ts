/** The page's end of a worker: tasks go out, results come back. */
import { FiguregroundError, type LoadOptions, type WorkOptions } from "./api.js";
import type { Reply, Request, Results, Task } from "./protocol.js";

/** Who is told how a task goes. */
type Listener = Pick<LoadOptions, "onProgress"> & Pick<WorkOptions, "onStage" | "signal">;

interface Waiting extends Listener {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** One worker, and the tasks it was given. */
export class Channel {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #closed = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.#hear(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#fail(`the worker cannot run: ${event.message || "its file did not load"}`);
    });
  }

  /** Start the worker of the package's files. */
  static open(assets: string): Channel {
    const url = new URL("worker.js", assets);
    if (url.origin === location.origin) return new Channel(new Worker(url));
    // A worker's script must come from the page's own origin; that one may import others.
    const script = new Blob([`importScripts(${JSON.stringify(url.href)})`]);
    const local = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    return new Channel(new Worker(local));
  }

  /** Give a task. Rejects with a FiguregroundError, or with the reason of the signal. */
  ask<Kind extends Task["kind"]>(
    task: Extract<Task, { kind: Kind }>,
    listener: Listener = {},
    transfer: Transferable[] = [],
  ): Promise<Results[Kind]> {
    const { signal } = listener;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) {
      return Promise.reject(new FiguregroundError("usage", "this Remover was disposed of"));
    }
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(id);
        this.#post({ id, aborted: true });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const done = () => signal?.removeEventListener("abort", abort);
      this.#waiting.set(id, {
        ...listener,
        resolve: (result) => [done(), resolve(result)],
        reject: (reason) => [done(), reject(reason)],
      });
      this.#post({ id, task }, transfer);
    });
  }

  /** End the worker. */
  close(): void {
    this.#fail("this Remover was disposed of");
  }

  #post(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if ("progress" in reply) waiting.onProgress?.(reply.progress);
    else if ("stage" in reply) waiting.onStage?.(reply.stage);
    else this.#end(reply, waiting);
  }

  #end(reply: Extract<Reply, { result: unknown } | { failure: unknown }>, waiting: Waiting): void {
    this.#waiting.delete(reply.id);
    if ("result" in reply) waiting.resolve(reply.result as never);
    else waiting.reject(new FiguregroundError(reply.failure.code, reply.failure.message));
  }

  #fail(message: string): void {
    this.#closed = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new FiguregroundError("load", message));
    this.#waiting.clear();
  }
}

/** Take people out of their background, in the browser; nothing is uploaded. */
import type {
  Cutout,
  CutoutOptions,
  Device,
  EncodeOptions,
  ImageSource,
  LoadOptions,
  Matte,
  Pixels,
  RemoveOptions,
  WorkOptions,
} from "./api.js";
import { encodeCutout } from "./encode.js";
import { send } from "./images.js";
import type { Loaded } from "./protocol.js";
import { Channel } from "./worker_channel.js";

export * from "./api.js";

/** Takes people out of images with one loaded network, in a worker of its own; calls take turns. */
export class Remover {
  readonly #channel: Channel;
  /** What runs the network. */
  readonly device: Device;
  /** Threads of WebAssembly; 1 with WebGPU or where the page is not cross-origin isolated. */
  readonly threads: number;

  private constructor(channel: Channel, { device, threads }: Loaded) {
    this.#channel = channel;
    this.device = device;
    this.threads = threads;
  }

  /** Load a network. Rejects with a FiguregroundError (`load`) where a file is missing or damaged. */
  static async load(options: LoadOptions = {}): Promise<Remover> {
    const channel = Channel.open(assetsOf(options));
    const setup = {
      assets: assetsOf(options),
      model: options.model instanceof URL ? options.model.href : (options.model ?? "lite"),
      device: options.device ?? "auto",
      threads: options.threads ?? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS),
    } as const;
    try {
      return new Remover(channel, await channel.ask({ kind: "load", setup }, options));
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** The person of an image as a file, by default a PNG with transparency. */
  async removeBackground(image: ImageSource, options: RemoveOptions = {}): Promise<Blob> {
    const { type, quality, background } = options;
    const [sent, transfer] = await send(image);
    const wanted = withoutUndefined({ type, quality, background });
    return this.#channel.ask({ kind: "remove", image: sent, options: wanted }, options, transfer);
  }

  /** How much of each pixel the person covers. */
  async estimateAlpha(image: ImageSource, options: WorkOptions = {}): Promise<Matte> {
    const [sent, transfer] = await send(image);
    return this.#channel.ask({ kind: "alpha", image: sent }, options, transfer);
  }

  /** Matte and colours of the person. */
  async cutout(image: ImageSource, options: CutoutOptions = {}): Promise<Cutout> {
    const [sent, transfer] = await send(image);
    const wanted = { original: options.original ?? false };
    return this.#channel.ask({ kind: "cutout", image: sent, options: wanted }, options, transfer);
  }

  /**
   * Colours for a matte whose outline was changed (brush, feather, grow): those of the person stay
   * as the matte that was found tells them, and are continued where the outline goes beyond it.
   */
  recolor(
    original: Pixels,
    found: Float32Array,
    shown: Float32Array,
    options: WorkOptions = {},
  ): Promise<Cutout> {
    return this.#channel.ask({ kind: "recolor", original, found, shown }, options);
  }

  /** Pixels of an image: upright, first frame, straight. */
  async decode(image: ImageSource, options: WorkOptions = {}): Promise<Pixels> {
    const [sent, transfer] = await send(image);
    return this.#channel.ask({ kind: "decode", image: sent }, options, transfer);
  }

  /** End the worker and free its memory; calls under way are rejected. */
  dispose(): void {
    this.#channel.close();
  }
}

const MOST_THREADS = 8; // more gain nothing with a network of this size
const kept = new Map<string, Promise<Remover>>();

/** Load the network ahead of the first call of the functions below. */
export async function preload(options: LoadOptions = {}): Promise<void> {
  await shared(options);
}

/** As `Remover.removeBackground`, with a network that is loaded once and kept. */
export async function removeBackground(
  image: ImageSource,
  options: LoadOptions & RemoveOptions = {},
): Promise<Blob> {
  return (await shared(options)).removeBackground(image, options);
}

/** As `Remover.estimateAlpha`, with a network that is loaded once and kept. */
export async function estimateAlpha(
  image: ImageSource,
  options: LoadOptions & WorkOptions = {},
): Promise<Matte> {
  return (await shared(options)).estimateAlpha(image, options);
}

/** As `Remover.cutout`, with a network that is loaded once and kept. */
export async function cutout(
  image: ImageSource,
  options: LoadOptions & CutoutOptions = {},
): Promise<Cutout> {
  return (await shared(options)).cutout(image, options);
}

/** Make a cutout into a file. */
export function encode(cutout: Cutout, options: EncodeOptions = {}): Promise<Blob> {
  return encodeCutout(cutout, options);
}

/** The network of these options, loaded when it is first asked for. */
function shared(options: LoadOptions): Promise<Remover> {
  const { model, device, threads } = options;
  const key = JSON.stringify([assetsOf(options), model, device, threads]);
  const loading = kept.get(key) ?? Remover.load(options);
  kept.set(key, loading);
  loading.catch(() => kept.delete(key));
  return loading;
}

function assetsOf({ assets }: LoadOptions): string {
  const folder = new URL(assets ?? ".", assets ? document.baseURI : import.meta.url);
  return folder.href.endsWith("/") ? folder.href : `${folder.href}/`;
}

function withoutUndefined(
  options: { [Name in keyof EncodeOptions]: EncodeOptions[Name] | undefined },
) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as EncodeOptions;
}

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

export * from "./api.js";

/** Takes people out of images with one loaded network, in a worker of its own; calls take turns. */
export class Remover {
  /** What runs the network. */
  readonly device: Device = "wasm";
  /** Threads of WebAssembly; 1 with WebGPU or where the page is not cross-origin isolated. */
  readonly threads: number = 1;

  /** Load a network. Rejects with a FiguregroundError (`load`) where a file is missing or damaged. */
  static load(_options: LoadOptions = {}): Promise<Remover> {
    throw new Error("to come");
  }

  /** The person of an image as a file, by default a PNG with transparency. */
  removeBackground(_image: ImageSource, _options: RemoveOptions = {}): Promise<Blob> {
    throw new Error("to come");
  }

  /** How much of each pixel the person covers. */
  estimateAlpha(_image: ImageSource, _options: WorkOptions = {}): Promise<Matte> {
    throw new Error("to come");
  }

  /** Matte and colours of the person. */
  cutout(_image: ImageSource, _options: CutoutOptions = {}): Promise<Cutout> {
    throw new Error("to come");
  }

  /**
   * Colours for a matte whose outline was changed (brush, feather, grow): those of the person stay
   * as the matte that was found tells them, and are continued where the outline goes beyond it.
   */
  recolor(
    _original: Pixels,
    _found: Float32Array,
    _shown: Float32Array,
    _options: WorkOptions = {},
  ): Promise<Cutout> {
    throw new Error("to come");
  }

  /** Pixels of an image as the network gets them: upright, first frame, straight. */
  decode(_image: ImageSource, _options: WorkOptions = {}): Promise<Pixels> {
    throw new Error("to come");
  }

  /** End the worker and free its memory; calls under way are rejected. */
  dispose(): void {
    throw new Error("to come");
  }
}

/** Load the network ahead of the first call of the functions below. */
export function preload(_options: LoadOptions = {}): Promise<void> {
  throw new Error("to come");
}

/** As `Remover.removeBackground`, with a network that is loaded once and kept. */
export function removeBackground(
  _image: ImageSource,
  _options: LoadOptions & RemoveOptions = {},
): Promise<Blob> {
  throw new Error("to come");
}

/** As `Remover.estimateAlpha`, with a network that is loaded once and kept. */
export function estimateAlpha(
  _image: ImageSource,
  _options: LoadOptions & WorkOptions = {},
): Promise<Matte> {
  throw new Error("to come");
}

/** As `Remover.cutout`, with a network that is loaded once and kept. */
export function cutout(
  _image: ImageSource,
  _options: LoadOptions & CutoutOptions = {},
): Promise<Cutout> {
  throw new Error("to come");
}

/** Make a cutout into a file. */
export function encode(_cutout: Cutout, _options: EncodeOptions = {}): Promise<Blob> {
  throw new Error("to come");
}

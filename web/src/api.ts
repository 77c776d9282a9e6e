/** What an image can be read from. Of an animation the first frame is taken; EXIF orientation is applied. */
export type ImageSource =
  | Blob
  | URL
  | string // a URL, also data: and blob:
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas;

/** What runs the network: the graphics card, or the processor. */
export type Device = "webgpu" | "wasm";

/** A network that comes along. `lite-int8` is smaller; its mattes differ by .005 between browsers. */
export type Model = "lite" | "lite-int8";

/** How far a file has come in. */
export interface Progress {
  /** `network` is the model's file, `runtime` the WebAssembly that runs it. */
  readonly what: "network" | "runtime";
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; equal to `loaded` once all is there, and 0 where the server does not say. */
  readonly total: number;
}

/** Which part of the work on an image has begun. */
export type Stage = "decode" | "network" | "edges" | "foreground" | "encode";

/** How a network is loaded. */
export interface LoadOptions {
  /** Default `lite`. A URL is that of a `.tflite` file that `figureground export` wrote. */
  readonly model?: Model | URL;
  /** Folder that holds the package's `dist` files; default is where this module lies. */
  readonly assets?: string | URL;
  /** Default `auto`: WebGPU where there is an adapter, else WebAssembly. */
  readonly device?: Device | "auto";
  /** Threads of WebAssembly, where the page is cross-origin isolated; default is by cores, at most 8. */
  readonly threads?: number;
  /** Is told how the files come in. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
}

/** How one image is worked on. */
export interface WorkOptions {
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is told which part of the work has begun. */
  readonly onStage?: (stage: Stage) => void;
}

/** How a result is made into a file. */
export interface EncodeOptions {
  /** Default `image/png`. JPEG has no transparency: it takes a background, white if none is given. */
  readonly type?: "image/png" | "image/webp" | "image/jpeg";
  /** 0 to 1, of WebP and JPEG; default .92. */
  readonly quality?: number;
  /** A CSS colour that is laid behind the person; default is transparent. */
  readonly background?: string;
}

/** Options of `cutout`. */
export interface CutoutOptions extends WorkOptions {
  /** Also give back the image's own pixels; default false. */
  readonly original?: boolean;
}

/** All options of `removeBackground`. */
export interface RemoveOptions extends WorkOptions, EncodeOptions {}

/** How much of each pixel the person covers. */
export interface Matte {
  /** 0 to 1, row by row, `width` times `height` of them. */
  readonly alpha: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels of an image, upright. */
export interface Pixels {
  /** RGBA, straight (not premultiplied), row by row. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** Wide-gamut images keep their colours in `display-p3`. */
  readonly colorSpace: PredefinedColorSpace;
}

/** A person, with colours free of what was behind. */
export interface Cutout extends Matte {
  /**
   * RGBA, straight; the fourth channel is `alpha` in 8 bits. Ready for
   * `new ImageData(foreground, width, height, { colorSpace })`. Black where alpha is 0.
   */
  readonly foreground: Uint8ClampedArray;
  readonly colorSpace: PredefinedColorSpace;
  /** The image's own pixels, RGBA, where `original: true` was asked for. */
  readonly original?: Uint8ClampedArray;
}

/** Codes of a `FiguregroundError`: bad image, bad option, files that did not load, a network that failed. */
export type ErrorCode = "image" | "usage" | "load" | "network";

/** What went wrong, in one line for the person who reads it. An abort is no such error. */
export class FiguregroundError extends Error {
  override readonly name = "FiguregroundError";

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

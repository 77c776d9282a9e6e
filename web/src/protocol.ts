/** What page and worker say to each other. */
import type {
  Cutout,
  CutoutOptions,
  Device,
  EncodeOptions,
  ErrorCode,
  Matte,
  Pixels,
  Progress,
  Stage,
} from "./api.js";

/** An image in a form that can be sent; a text is an absolute URL. */
export type SentImage = Blob | ImageBitmap | ImageData | string;

/** What the worker is to do. */
export type Task =
  | { readonly kind: "load"; readonly setup: Setup }
  | { readonly kind: "alpha"; readonly image: SentImage }
  | { readonly kind: "cutout"; readonly image: SentImage; readonly options: CutoutSettings }
  | { readonly kind: "remove"; readonly image: SentImage; readonly options: EncodeOptions }
  | { readonly kind: "decode"; readonly image: SentImage }
  | {
      readonly kind: "recolor";
      readonly original: Pixels;
      readonly found: Float32Array;
      readonly shown: Float32Array;
    }
  | { readonly kind: "encode"; readonly cutout: Cutout; readonly options: EncodeOptions };

/** Options of a cutout that can be sent. */
export type CutoutSettings = Pick<CutoutOptions, "original">;

/** How the network is to be loaded. */
export interface Setup {
  readonly assets: string; // URL of the folder, ends in a slash
  readonly model: string; // a name, or the URL of a network of one's own
  readonly device: Device | "auto";
  readonly threads: number; // at most
}

/** What the network runs on. */
export interface Loaded {
  readonly device: Device;
  readonly threads: number;
}

/** What the tasks give back. */
export interface Results {
  readonly load: Loaded;
  readonly alpha: Matte;
  readonly cutout: Cutout;
  readonly remove: Blob;
  readonly decode: Pixels;
  readonly recolor: Cutout;
  readonly encode: Blob;
}

/** From the page: a task, or that the one of that number is wanted no more. */
export type Request =
  | { readonly id: number; readonly task: Task }
  | { readonly id: number; readonly aborted: true };

/** From the worker, about the task of that number. */
export type Reply =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly stage: Stage }
  | { readonly id: number; readonly result: Results[keyof Results] }
  | { readonly id: number; readonly failure: Failure };

/** What went wrong, as it can be sent. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

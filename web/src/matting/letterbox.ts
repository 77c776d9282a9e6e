/** Letterbox an image into the network's fixed input, and bring the matte back. */
import {
  crop,
  emptyPlane,
  type Plane,
  type Region,
  type Rgba,
  roundHalfEven,
  type Size,
} from "./plane.js";
import { resizeColors, resizePlane } from "./resize.js";

const MAX_ASPECT = 2; // long side over short side; up to here an image is stretched, beyond it padded
const PAD_GREY = 0.5; // becomes nought once the network has scaled its input
const ROUNDING = 1e-6; // rounding error of an interpolated alpha

/** Where an image lies in the network's input. */
export interface Placement {
  readonly image: Size;
  readonly square: Size; // of the network's input
  readonly window: Region; // part of the input that the image covers
}

/** What the network sees, RGB 0 to 1, and where the image lies in it. */
export interface Letterboxed {
  readonly square: Float32Array;
  readonly placement: Placement;
}

/** Decide where an image of one size goes in an input of another. */
export function planLetterbox(image: Size, square: Size): Placement {
  const share = (one: number, other: number) => Math.min(1, (MAX_ASPECT * one) / other);
  const rows = Math.max(1, roundHalfEven(square.height * share(image.height, image.width)));
  const columns = Math.max(1, roundHalfEven(square.width * share(image.width, image.height)));
  const top = Math.floor((square.height - rows) / 2);
  const left = Math.floor((square.width - columns) / 2);
  return {
    image: { height: image.height, width: image.width },
    square,
    window: { top, left, bottom: top + rows, right: left + columns },
  };
}

/** Stretch an image to the network's input; one of more than 2 to 1 is padded instead. */
export function letterbox(image: Rgba, size: Size): Letterboxed {
  const placement = planLetterbox(image, size);
  const { top, left, bottom, right } = placement.window;
  const [rows, columns] = [bottom - top, right - left];
  const inner = resizeColors(image, { height: rows, width: columns });
  const square = new Float32Array(3 * size.height * size.width).fill(PAD_GREY);
  for (let row = 0; row < rows; row += 1) {
    const to = 3 * ((top + row) * size.width + left);
    const from = 3 * row * columns;
    for (let at = 0; at < 3 * columns; at += 1) square[to + at] = inner[from + at] / 255;
  }
  return { square, placement };
}

/** Bring the network's matte back to the size of the image. */
export function unletterbox(alpha: Plane, placement: Placement): Plane {
  // A little more than the whole range, cut off again, keeps a sure matte at exactly 0 and 1.
  const inner = crop(alpha, placement.window);
  const data = inner.data.map((value) => value * (1 + 2 * ROUNDING) - ROUNDING);
  const grown = resizePlane({ ...inner, data }, placement.image, "cubic");
  for (let at = 0; at < grown.data.length; at += 1) {
    grown.data[at] = Math.min(1, Math.max(0, grown.data[at]));
  }
  return grown;
}

/** One channel of what the network saw of the image. */
export function channelOf(square: Float32Array, channel: number, placement: Placement): Plane {
  const { top, left, bottom, right } = placement.window;
  const plane = emptyPlane(bottom - top, right - left);
  for (let row = top, to = 0; row < bottom; row += 1) {
    let from = 3 * (row * placement.square.width + left) + channel;
    for (let column = left; column < right; column += 1, to += 1, from += 3) {
      plane.data[to] = square[from];
    }
  }
  return plane;
}

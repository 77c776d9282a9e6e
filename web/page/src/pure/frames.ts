/** Where the person stands in a result: boxes in pixels of the image. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type FrameName =
  | "whole"
  | "crop"
  | "shop"
  | "shop-tall"
  | "profile"
  | "story"
  | "passport"
  | "passport-us"
  | "custom";

/** Pixels of each frame; null where they follow from the image or the settings. */
export const FRAMES: Record<FrameName, Size | null> = {
  whole: null,
  crop: null,
  shop: { width: 2000, height: 2000 },
  "shop-tall": { width: 1600, height: 2000 },
  profile: { width: 800, height: 800 },
  story: { width: 1080, height: 1920 },
  passport: { width: 827, height: 1063 }, // 35 x 45 mm at 600 dots an inch
  "passport-us": { width: 1200, height: 1200 }, // 2 x 2 inches at 600 dots an inch
  custom: null,
};

const SEEN = 13; // alpha, of 255, from which a pixel counts as part of the person
export const MARGIN = 0.06; // room around the person, as a share of its longer side

/** The box that holds the whole person; null if nobody is there. */
export function personBox(alpha: ArrayLike<number>, size: Size): Box | null {
  let [left, right, top, bottom] = [size.width, -1, size.height, -1];
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i++) {
      if (alpha[i] < SEEN) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return null;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** A box with room on every side, which ends at the image's edge. */
export function withRoom(box: Box, size: Size, margin: number): Box {
  const room = Math.round(margin * Math.max(box.width, box.height));
  const left = Math.max(0, box.left - room);
  const top = Math.max(0, box.top - room);
  return {
    left,
    top,
    width: Math.min(size.width, box.left + box.width + room) - left,
    height: Math.min(size.height, box.top + box.height + room) - top,
  };
}

/** Where a span of `length` begins that holds `from` to `to`; beyond the image only if it must. */
function placeSpan(from: number, to: number, length: number, end: number): number {
  if (length <= end) {
    return Math.min(Math.max(0, (from + to - length) / 2), end - length);
  }
  if (to >= end && from > 0) return end - length; // the image's edge cuts the person: stay there
  if (from <= 0 && to < end) return 0;
  return (end - length) / 2;
}

/** A window of the shape of `shape` that holds the whole of `box`. */
export function windowAround(box: Box, image: Size, shape: Size): Box {
  const aspect = shape.width / shape.height;
  const height = Math.max(box.height, box.width / aspect);
  const width = height * aspect;
  return {
    left: placeSpan(box.left, box.left + box.width, width, image.width),
    top: placeSpan(box.top, box.top + box.height, height, image.height),
    width,
    height,
  };
}

/** What part of an image a result shows, and how many pixels it has. */
export function frame(
  name: FrameName,
  image: Size,
  person: Box | null,
  custom: Size,
): { box: Box; size: Size } {
  const whole = { left: 0, top: 0, width: image.width, height: image.height };
  if (name === "whole") return { box: whole, size: image };
  const around = person ? withRoom(person, image, MARGIN) : whole;
  if (name === "crop") return { box: around, size: around };
  const size = FRAMES[name] ?? custom;
  return { box: windowAround(around, image, size), size };
}

/** Refine the matte on a crop around people who are small in an image: a second look of the network. */
import type { Placement } from "./letterbox.js";
import { boundsOf, crop, filled, type Plane, type Region, roundHalfEven, sizeOf } from "./plane.js";

const PERSON_LEVEL = 0.5; // a matte above this is people, who must lie within the second look
const CROP_MARGIN = 0.1; // of the people's longer side, left around them
const MIN_CROP_ASPECT = 0.75; // short side over long
const MAX_CROP_SHARE = 0.85; // share of the image above which a second look would hardly be closer
const FADE_SHARE = 0.03; // of the longer side: width of the seam between the looks

/** Return where to look again; null where that would show nothing new. */
export function proposeCrop(small: Plane, placement: Placement): Region | null {
  const { height, width } = placement.image;
  const people = peopleBox(small, placement);
  if (people === null) return null;
  const size = sizeOf(people);
  const margin = CROP_MARGIN * Math.max(size.height, size.width);
  const span = widenSpan(people.top, people.bottom, margin, height);
  const reach = widenSpan(people.left, people.right, margin, width);
  const shortest = MIN_CROP_ASPECT * Math.max(span[1] - span[0], reach[1] - reach[0]);
  const [top, bottom] = widenSpan(...span, (shortest - span[1] + span[0]) / 2, height);
  const [left, right] = widenSpan(...reach, (shortest - reach[1] + reach[0]) / 2, width);
  const share = ((bottom - top) * (right - left)) / (height * width);
  return share <= MAX_CROP_SHARE ? { top, left, bottom, right } : null;
}

/** The image's rows and columns that people fill; null where nobody is. */
export function peopleBox(small: Plane, placement: Placement): Region | null {
  const inner = crop(small, placement.window);
  const people = filled(new Uint8Array(inner.data.length), (at) =>
    inner.data[at] > PERSON_LEVEL ? 1 : 0,
  );
  const box = boundsOf(people, inner.height, inner.width);
  if (box === null) return null;
  const { height, width } = placement.image;
  const [top, bottom] = stretch(box.top, box.bottom, height / inner.height, height);
  const [left, right] = stretch(box.left, box.right, width / inner.width, width);
  return { top, left, bottom, right };
}

type Span = readonly [start: number, end: number];

function stretch(first: number, end: number, scale: number, most: number): Span {
  const start = Math.min(roundHalfEven(first * scale), most - 1);
  return [start, Math.max(start + 1, roundHalfEven(end * scale))];
}

function widenSpan(start: number, end: number, margin: number, most: number): Span {
  const more = Math.max(0, margin);
  return [Math.max(0, Math.trunc(start - more)), Math.min(most, Math.ceil(end + more))];
}

/** Put the closer matte into that of the whole image, in place, without a visible seam. */
export function pasteCrop(alpha: Plane, closer: Plane, region: Region): void {
  const seam = Math.max(1, roundHalfEven(FADE_SHARE * Math.max(closer.height, closer.width)));
  const down = fade(region.top, region.bottom, alpha.height, seam);
  const across = fade(region.left, region.right, alpha.width, seam);
  for (let row = 0; row < closer.height; row += 1) {
    const base = (region.top + row) * alpha.width + region.left;
    for (let column = 0; column < closer.width; column += 1) {
      const before = alpha.data[base + column];
      const change = closer.data[row * closer.width + column] - before;
      alpha.data[base + column] = before + change * down[row] * across[column];
    }
  }
}

/** Return how much the closer look counts along one axis: all, but at seams inside the image. */
function fade(start: number, end: number, length: number, seam: number): Float32Array {
  const size = end - start;
  return Float32Array.from({ length: size }, (_, at) => {
    const before = start > 0 ? at + 1 : seam;
    const after = end < length ? size - at : seam;
    return Math.min(before, after, seam) / seam;
  });
}

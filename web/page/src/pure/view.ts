/** How an image lies in the window that shows it: scale, and where its corner is. */
import type { Point } from "./brush";
import type { Size } from "./frames";

export interface View {
  /** Pixels of the screen that one of the image takes. */
  readonly scale: number;
  /** Where the image's upper left corner is, pixels of the screen. */
  readonly x: number;
  readonly y: number;
}

const ROOM = 0.94; // of the window that an image fills at most
const MOST = 16;

/** The whole image, in the middle; small ones are not enlarged beyond twice. */
export function fit(image: Size, window: Size): View {
  const scale = Math.min(
    2,
    (ROOM * window.width) / image.width,
    (ROOM * window.height) / image.height,
  );
  return centred(image, window, scale);
}

function centred(image: Size, window: Size, scale: number): View {
  return {
    scale,
    x: (window.width - image.width * scale) / 2,
    y: (window.height - image.height * scale) / 2,
  };
}

/** Zoom by a factor with one point of the screen held; never smaller than the whole image. */
export function zoom(view: View, factor: number, at: Point, image: Size, window: Size): View {
  const least = fit(image, window).scale;
  const scale = Math.min(MOST, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return hold(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    image,
    window,
  );
}

/** Move the image, as far as some of it stays in sight. */
export function move(view: View, by: Point, image: Size, window: Size): View {
  return hold({ ...view, x: view.x + by.x, y: view.y + by.y }, image, window);
}

function hold(view: View, image: Size, window: Size): View {
  const side = (at: number, length: number, room: number) =>
    length <= room
      ? (room - length) / 2
      : Math.min(room / 8, Math.max(room - room / 8 - length, at));
  return {
    scale: view.scale,
    x: side(view.x, image.width * view.scale, window.width),
    y: side(view.y, image.height * view.scale, window.height),
  };
}

/** The pixel of the image below a point of the screen. */
export function toImage(view: View, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
}

/** Draw the stage. */
import { paintResult, type Scene } from "./paint";
import type { Point } from "./pure/brush";
import type { Box } from "./pure/frames";
import type { Settings } from "./pure/settings";
import type { View } from "./pure/view";

export interface Picture {
  readonly scene: Scene;
  readonly look: Settings;
  readonly box: Box;
  readonly view: View;
  /** Where the image before ends, 0 to 1; null shows no image before. */
  readonly share: number | null;
  /** Whether the whole image shines through, as under a brush. */
  readonly painting: boolean;
  readonly cursor: (Point & { readonly radius: number }) | null;
  readonly picture: ImageBitmap | null;
  readonly density: number;
}

const SQUARE = 9; // of the checkerboard, CSS pixels
const GHOST = 0.3; // how much of the image shines through under a brush
const CRISP = 3; // magnification from which pixels are shown as squares

export function draw(canvas: HTMLCanvasElement, shown: Picture): void {
  const context = canvas.getContext("2d", { colorSpace: shown.scene.colorSpace });
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const { view, box, scene } = shown;
  const place = new DOMRect(view.x, view.y, box.width * view.scale, box.height * view.scale);
  checker(context, canvas, place, shown.density);
  context.imageSmoothingQuality = "high";
  context.imageSmoothingEnabled = view.scale < CRISP;
  intoImage(context, shown);
  if (shown.painting) {
    context.globalAlpha = GHOST;
    context.drawImage(scene.before, 0, 0);
    context.globalAlpha = 1;
    context.drawImage(scene.person, 0, 0);
  } else {
    paintResult(context, scene, shown.look, box, shown.picture);
  }
  if (shown.share !== null) before(context, canvas, shown, place, shown.share);
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (shown.cursor) ring(context, shown.cursor, shown.density);
}

function intoImage(context: CanvasRenderingContext2D, { view, box }: Picture): void {
  const { scale, x, y } = view;
  context.setTransform(scale, 0, 0, scale, x - box.left * scale, y - box.top * scale);
}

function before(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  shown: Picture,
  place: DOMRect,
  share: number,
): void {
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  context.rect(place.x, place.y, place.width * share, place.height);
  context.clip();
  context.clearRect(place.x, place.y, place.width, place.height);
  checker(context, canvas, place, shown.density);
  intoImage(context, shown);
  context.drawImage(shown.scene.before, 0, 0);
  context.restore();
}

let pattern: { readonly key: string; readonly fill: CanvasPattern | string } | null = null;

function checker(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  place: DOMRect,
  density: number,
): void {
  const style = getComputedStyle(canvas);
  const colors = [style.getPropertyValue("--check-a"), style.getPropertyValue("--check-b")];
  const key = `${colors} ${density}`;
  if (pattern?.key !== key) {
    const side = Math.round(SQUARE * density);
    const tile = new OffscreenCanvas(2 * side, 2 * side);
    const brush = tile.getContext("2d")!;
    for (const [n, color] of colors.entries()) {
      brush.fillStyle = color;
      brush.fillRect(n * side, 0, side, side);
      brush.fillRect((1 - n) * side, side, side, side);
    }
    pattern = { key, fill: context.createPattern(tile, "repeat") ?? colors[0] };
  }
  context.fillStyle = pattern.fill;
  context.fillRect(place.x, place.y, place.width, place.height);
}

function ring(
  context: CanvasRenderingContext2D,
  at: Point & { readonly radius: number },
  density: number,
): void {
  for (const [color, width] of [
    ["#000000", 3],
    ["#ffffff", 1.5],
  ] as const) {
    context.beginPath();
    context.arc(at.x, at.y, at.radius, 0, 2 * Math.PI);
    context.strokeStyle = color;
    context.lineWidth = width * density;
    context.stroke();
  }
}

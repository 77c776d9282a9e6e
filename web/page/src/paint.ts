/** Draw a result: background, shadow, person. The page's view and files are drawn by the same lines. */
import type { LayerCanvas } from "./canvas";
import type { Box, Size } from "./pure/frames";
import { shadowReach } from "./pure/layers";
import type { Settings } from "./pure/settings";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** All that is drawn of one image. */
export interface Scene {
  readonly id: number;
  readonly size: Size;
  readonly colorSpace: PredefinedColorSpace;
  readonly before: OffscreenCanvas;
  readonly person: OffscreenCanvas;
  readonly shadow: LayerCanvas | null;
  readonly blurred: LayerCanvas | null;
  /** Where the person is; null if nobody is. */
  readonly box: Box | null;
}

/** Draw a result in pixels of the image; what lies outside `box` is cut off. */
export function paintResult(
  context: Context,
  scene: Scene,
  settings: Settings,
  box: Box,
  picture: ImageBitmap | null,
): void {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  paintBackground(context, scene, settings, box, picture);
  if (settings.shadow && scene.shadow) {
    const { x, y } = shadowReach(scene.size);
    drawLayer(context, scene.shadow, x, y);
  }
  context.drawImage(scene.person, 0, 0);
  context.restore();
}

function paintBackground(
  context: Context,
  scene: Scene,
  settings: Settings,
  box: Box,
  picture: ImageBitmap | null,
): void {
  const { left, top, width, height } = box;
  if (settings.background === "color") {
    context.fillStyle = settings.color;
    context.fillRect(left, top, width, height);
  } else if (settings.background === "gradient") {
    const gradient = context.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, settings.color);
    gradient.addColorStop(1, settings.color2);
    context.fillStyle = gradient;
    context.fillRect(left, top, width, height);
  } else if (settings.background === "image" && picture) {
    const scale = Math.max(width / picture.width, height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    context.drawImage(picture, left + (width - w) / 2, top + (height - h) / 2, w, h);
  } else if (settings.background === "blur" && scene.blurred) {
    drawExtended(context, scene.blurred, box);
  }
}

function drawLayer(context: Context, layer: LayerCanvas, x: number, y: number): void {
  const { factor, margin } = layer;
  const [width, height] = [layer.width * factor, layer.height * factor];
  context.drawImage(layer.canvas, x - margin * factor, y - margin * factor, width, height);
}

/** Draw a layer over a whole box; its outermost pixels go on beyond it. */
function drawExtended(context: Context, layer: LayerCanvas, box: Box): void {
  const { canvas, width, height, factor } = layer;
  const columns = spans(box.left, box.left + box.width, width, factor);
  const rows = spans(box.top, box.top + box.height, height, factor);
  for (const [sy, sh, y, h] of rows) {
    for (const [sx, sw, x, w] of columns) context.drawImage(canvas, sx, sy, sw, sh, x, y, w, h);
  }
}

/** From where to where of a layer is drawn, before, within and after the image: of one side. */
function spans(from: number, to: number, length: number, factor: number): number[][] {
  const end = length * factor;
  const result = [[0, length, 0, end]];
  const overlap = factor; // hides the seam
  if (from < 0) result.unshift([0, 1, from, overlap - from]);
  if (to > end) result.unshift([length - 1, 1, end - overlap, to - end + overlap]);
  return result;
}

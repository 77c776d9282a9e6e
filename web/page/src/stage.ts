/** What the stage is set to: zoom, tool, comparison. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { activeId } from "./items";
import type { Point } from "./pure/brush";
import type { Box, Size } from "./pure/frames";
import { fit, move, toImage, type View, zoom } from "./pure/view";
import { frameOf } from "./save";
import { settings } from "./settings";
import { scene } from "./work";

export type Tool = "move" | "keep" | "erase";

export const tool = signal<Tool>("move");
/** Pixels of the screen, so that zooming in paints finer. */
export const brushRadius = signal(28);
export const snap = signal(true);
export const comparing = signal(true);
/** Where the image before ends and the result begins, as a share of the width. */
export const share = signal(0.5);
/** Pixels of the stage, and how many of them a CSS pixel has. */
export const windowSize = signal<Size>({ width: 1, height: 1 });
export const density = signal(1);
/** Where the brush is, pixels of the stage. */
export const cursor = signal<Point | null>(null);
/** Zoom that somebody chose; null shows all. */
const chosen = signal<View | null>(null);

/** The part of the image that is seen: of a brush all, else what is saved. */
export const box = computed<Box>(() => {
  const shown = scene.value;
  if (!shown) return { left: 0, top: 0, width: 1, height: 1 };
  if (tool.value !== "move") return { left: 0, top: 0, ...shown.size };
  return frameOf(shown, settings.value).box;
});

export const view = computed<View>(() => chosen.value ?? fit(box.value, windowSize.value));

/** Zoom in percent: 100 shows each pixel of the image as one of the screen. */
export const percent = computed(() => Math.round(100 * view.value.scale));

const middle = (): Point => ({ x: windowSize.value.width / 2, y: windowSize.value.height / 2 });

export function zoomBy(factor: number, at: Point = middle()): void {
  chosen.value = zoom(view.value, factor, at, box.value, windowSize.value);
}

/** Show each pixel of the image as one of the screen. */
export const zoomOne = (at: Point = middle()): void => zoomBy(1 / view.value.scale, at);

export function zoomFit(): void {
  chosen.value = null;
}

export function moveBy(by: Point): void {
  chosen.value = move(view.value, by, box.value, windowSize.value);
}

/** The pixel of the image below a point of the stage. */
export function imagePoint(at: Point): Point {
  const { x, y } = toImage(view.value, at);
  return { x: x + box.value.left, y: y + box.value.top };
}

/** Another image, frame or tool begins with all in sight. */
export function followView(): void {
  effect(() => {
    activeId.value;
    settings.value.frame;
    tool.value === "move";
    untracked(zoomFit);
  });
}

/** Fingers, mice, wheels and keys on the stage. */
import { active } from "./items";
import type { Point, Stroke } from "./pure/brush";
import * as stage from "./stage";
import { addStroke, openStudio, scene } from "./work";

const WHEEL = 0.0018; // zoom a unit of the wheel
const STEP = 40; // CSS pixels that an arrow moves
const FINE = 8; // ... the brush

const fingers = new Map<number, Point>();
type Brush = Omit<Stroke, "points">;

let painting: { points: Point[]; last: Point; brush: Brush } | null = null;

function pointOf(event: MouseEvent): Point {
  const frame = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const density = stage.density.value;
  return { x: (event.clientX - frame.left) * density, y: (event.clientY - frame.top) * density };
}

const brushes = (): boolean => stage.tool.value !== "move";

const brush = (): Brush => ({
  keep: stage.tool.value === "keep",
  snap: stage.snap.value,
  radius: Math.max(0.6, (stage.brushRadius.value * stage.density.value) / stage.view.value.scale),
});

function paintTo(at: Point): void {
  const studio = openStudio();
  const to = stage.imagePoint(at);
  if (!painting || !studio) return;
  painting.points.push(...studio.paint(painting.last, to, painting.brush));
  painting.last = to;
  scene.value = { ...studio.scene };
}

function endStroke(): void {
  const item = active.value;
  if (painting?.points.length && item) {
    addStroke(item.id, { ...painting.brush, points: painting.points });
  }
  painting = null;
}

export function down(event: PointerEvent): void {
  if (event.button > 0 || !scene.value) return;
  const at = pointOf(event);
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, at);
  if (fingers.size > 1) endStroke();
  else if (brushes()) {
    const from = stage.imagePoint(at);
    painting = { points: [], last: from, brush: brush() };
    paintTo(at);
  }
}

export function moved(event: PointerEvent): void {
  const at = pointOf(event);
  if (brushes()) stage.cursor.value = event.pointerType === "touch" && !painting ? null : at;
  const from = fingers.get(event.pointerId);
  if (!from) return;
  fingers.set(event.pointerId, at);
  if (fingers.size === 2) pinch(event.pointerId, from, at);
  else if (painting) paintTo(at);
  else if (!brushes()) stage.moveBy({ x: at.x - from.x, y: at.y - from.y });
}

function pinch(id: number, from: Point, to: Point): void {
  const other = [...fingers].find(([key]) => key !== id)?.[1];
  if (!other) return;
  const apart = (p: Point) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
  stage.moveBy({ x: (to.x - from.x) / 2, y: (to.y - from.y) / 2 });
  stage.zoomBy(apart(to) / apart(from), { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
}

export function up(event: PointerEvent): void {
  fingers.delete(event.pointerId);
  endStroke();
}

export function left(): void {
  if (!painting) stage.cursor.value = null;
}

export function wheel(event: WheelEvent): void {
  if (!scene.value) return;
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 16 : 1;
  const speed = event.ctrlKey ? 4 : 1; // a pinch on a touchpad comes as small steps with Ctrl
  stage.zoomBy(Math.exp(-event.deltaY * lines * WHEEL * speed), pointOf(event));
}

export function twice(event: MouseEvent): void {
  if (brushes() || !scene.value) return;
  if (Math.abs(stage.view.value.scale - 1) < 0.01) stage.zoomFit();
  else stage.zoomOne(pointOf(event));
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const KEYS: Record<string, () => void> = {
  "+": () => stage.zoomBy(1.25),
  "=": () => stage.zoomBy(1.25),
  "-": () => stage.zoomBy(0.8),
  "0": () => stage.zoomFit(),
  "1": () => stage.zoomOne(),
  "[": () => resize(0.8),
  "]": () => resize(1.25),
  c: () => {
    stage.comparing.value = !stage.comparing.value;
  },
};

function resize(factor: number): void {
  stage.brushRadius.value = Math.round(
    Math.min(120, Math.max(3, stage.brushRadius.value * factor)),
  );
}

function middle(): Point {
  const { width, height } = stage.windowSize.value;
  return { x: width / 2, y: height / 2 };
}

function arrow(by: Point, far: boolean): void {
  const density = stage.density.value;
  if (!brushes()) {
    const step = -STEP * density * (far ? 4 : 1);
    stage.moveBy({ x: by.x * step, y: by.y * step });
    return;
  }
  const { x, y } = stage.cursor.value ?? middle();
  const step = FINE * density * (far ? 5 : 1);
  stage.cursor.value = { x: x + by.x * step, y: y + by.y * step };
}

function paintHere(): void {
  const at = stage.cursor.value ?? middle();
  stage.cursor.value = at;
  painting = { points: [], last: stage.imagePoint(at), brush: brush() };
  paintTo(at);
  endStroke();
}

export function key(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !scene.value) return;
  const by = ARROWS[event.key];
  const act = KEYS[event.key];
  if (by) arrow(by, event.shiftKey);
  else if (act) act();
  else if (event.key === " " && brushes()) paintHere();
  else return;
  event.preventDefault();
}

/** The image that is shown: canvas, comparison, what is being done. */
import { effect, useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { draw } from "../draw";
import { active, type Item } from "../items";
import * as pointer from "../pointer";
import { picture, settings } from "../settings";
import * as stage from "../stage";
import { say, t } from "../texts";
import { busy, scene } from "../work";
import { VideoView } from "./video-view";

function useDrawing(canvas: { readonly current: HTMLCanvasElement | null }) {
  useEffect(() => {
    let waiting = 0;
    const paint = () => {
      const shown = scene.value;
      if (!canvas.current || !shown) return;
      const painting = stage.tool.value !== "move";
      const radius = stage.brushRadius.value * stage.density.value;
      draw(canvas.current, {
        scene: shown,
        look: settings.value,
        box: stage.box.value,
        view: stage.view.value,
        share: stage.comparing.value && !painting ? stage.share.value : null,
        painting,
        cursor: painting && stage.cursor.value ? { ...stage.cursor.value, radius } : null,
        picture: picture.value,
        density: stage.density.value,
      });
    };
    const theme = matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", paint);
    const stop = effect(() => {
      // Read, so that a change of any of them draws anew, once a frame of the screen.
      for (const of of [scene, settings, picture, stage.box, stage.view]) of.value;
      for (const of of [stage.comparing, stage.share, stage.tool, stage.cursor]) of.value;
      for (const of of [stage.brushRadius, stage.density, stage.windowSize]) of.value;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(paint);
    });
    return () => {
      stop();
      cancelAnimationFrame(waiting);
      theme.removeEventListener("change", paint);
    };
  }, [canvas]);
}

/** Keep the canvas as large as its place, in pixels of the screen. */
function useSize(canvas: { readonly current: HTMLCanvasElement | null }) {
  useEffect(() => {
    const target = canvas.current;
    if (!target) return;
    const watch = new ResizeObserver(() => {
      const density = window.devicePixelRatio || 1;
      const width = Math.max(1, Math.round(target.clientWidth * density));
      const height = Math.max(1, Math.round(target.clientHeight * density));
      target.width = width;
      target.height = height;
      stage.density.value = density;
      stage.windowSize.value = { width, height };
    });
    watch.observe(target);
    target.addEventListener("wheel", pointer.wheel, { passive: false });
    return () => watch.disconnect();
  }, [canvas]);
}

function Slider() {
  const { view, box, density, share, windowSize } = stage;
  const left = (view.value.x + box.value.width * view.value.scale * share.value) / density.value;
  const top = Math.max(0, view.value.y / density.value);
  const under = windowSize.value.height - view.value.y - box.value.height * view.value.scale;
  const bottom = Math.max(0, under / density.value);
  const set = (value: number) => {
    share.value = Math.min(1, Math.max(0, value));
  };
  const drag = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const frame = handle.parentElement?.getBoundingClientRect();
    const at = (event.clientX - (frame?.left ?? 0)) * density.value;
    set((at - view.value.x) / (box.value.width * view.value.scale));
  };
  const key = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 0.1 : 0.02;
    const by: Record<string, number> = { ArrowLeft: -step, ArrowRight: step, Home: -1, End: 1 };
    if (!(event.key in by)) return;
    event.preventDefault();
    event.stopPropagation();
    set(share.value + by[event.key]);
  };
  return (
    <div
      class="slider"
      style={{ left: `${left}px`, top: `${top}px`, bottom: `${bottom}px` }}
      role="slider"
      tabIndex={0}
      aria-label={t("compareSlider")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share.value)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={key}
    >
      <span class="grip" aria-hidden="true" />
    </div>
  );
}

/** The image as it came, while the network is at work on it. */
function Waiting({ item }: { readonly item: Item }) {
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(item.file);
    if (image.current) image.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [item.file]);
  const failed = item.state === "failed";
  return (
    <div class="waiting">
      {!failed && <img ref={image} alt="" />}
      {failed ? (
        <p class="failed">{item.message && say(item.message)}</p>
      ) : (
        <p class="pill">
          <span class="spinner" aria-hidden="true" />
          {t(item.state === "waiting" ? "waiting" : "working")}
        </p>
      )}
    </div>
  );
}

export function StageView() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useDrawing(canvas);
  useSize(canvas);
  const item = active.value;
  const ready = useComputed(() => scene.value !== null);
  const painting = stage.tool.value !== "move";
  useSignalEffect(() => {
    if (!scene.value) stage.cursor.value = null;
  });
  if (item?.kind === "video" && item.state !== "failed") return <VideoView item={item} />;
  return (
    <div class={`stage ${painting ? "painting" : ""}`} id="stage-area">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes keys of its own */}
      <canvas
        ref={canvas}
        class={ready.value ? "" : "hidden"}
        tabIndex={0}
        role="application"
        aria-label={t(painting ? "stageBrush" : "stage")}
        onPointerDown={pointer.down}
        onPointerMove={pointer.moved}
        onPointerUp={pointer.up}
        onPointerCancel={pointer.up}
        onPointerLeave={pointer.left}
        onDblClick={pointer.twice}
        onKeyDown={pointer.key}
      />
      {ready.value && stage.comparing.value && !painting && <Slider />}
      {item && !ready.value && <Waiting key={item.id} item={item} />}
      {item?.empty && ready.value && <p class="pill note">{t("emptyNote")}</p>}
      {ready.value && busy.value && <span class="spinner corner" aria-hidden="true" />}
    </div>
  );
}

/** The bar above the image. */
import { active } from "../items";
import * as stage from "../stage";
import { type Key, t } from "../texts";
import { redo, scene, undo } from "../work";
import { Icon, type IconName } from "./icons";

interface ToolProps {
  readonly icon: IconName;
  readonly label: Key;
  readonly act: () => void;
  readonly pressed?: boolean;
  readonly off?: boolean;
  readonly named?: boolean;
  /** Whether it is left out on narrow screens, where fingers do the same. */
  readonly wide?: boolean;
}

function ToolButton({ icon, label, act, pressed, off, named, wide }: ToolProps) {
  return (
    <button
      type="button"
      class={wide ? "tool wide" : "tool"}
      title={t(label)}
      aria-pressed={pressed}
      disabled={off}
      onClick={act}
    >
      <Icon name={icon} />
      <span class={named ? "name" : "unseen"}>{t(label)}</span>
    </button>
  );
}

function take(tool: stage.Tool): void {
  stage.tool.value = stage.tool.value === tool ? "move" : tool;
}

function BrushOptions() {
  return (
    <div class="brush-options">
      <label>
        <span>{t("brushSize")}</span>
        <input
          type="range"
          min={3}
          max={120}
          value={stage.brushRadius.value}
          onInput={(event) => {
            stage.brushRadius.value = Number(event.currentTarget.value);
          }}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={stage.snap.value}
          onChange={(event) => {
            stage.snap.value = event.currentTarget.checked;
          }}
        />
        {t("brushSnap")}
      </label>
    </div>
  );
}

export function Tools() {
  const off = scene.value === null;
  const tool = stage.tool.value;
  const item = active.value;
  return (
    <div class="tools" role="toolbar" aria-label={t("tools")}>
      <div class="group">
        <ToolButton
          icon="compare"
          label="compare"
          named
          off={off || tool !== "move"}
          pressed={stage.comparing.value}
          act={() => {
            stage.comparing.value = !stage.comparing.value;
          }}
        />
      </div>
      <div class="group">
        <ToolButton
          icon="keep"
          label="brushKeep"
          named
          off={off}
          pressed={tool === "keep"}
          act={() => take("keep")}
        />
        <ToolButton
          icon="erase"
          label="brushErase"
          named
          off={off}
          pressed={tool === "erase"}
          act={() => take("erase")}
        />
        <ToolButton icon="undo" label="undo" off={off || !item?.strokes.length} act={undo} />
        <ToolButton icon="redo" label="redo" off={off || !item?.undone.length} act={redo} />
      </div>
      <div class="group zooms">
        <ToolButton icon="zoomOut" label="zoomOut" wide off={off} act={() => stage.zoomBy(0.8)} />
        <button
          type="button"
          class="tool number"
          disabled={off}
          title={t("zoomOne")}
          onClick={() => stage.zoomOne()}
        >
          <span class="unseen">{t("zoomOne")}: </span>
          {t("percent", { n: stage.percent.value })}
        </button>
        <ToolButton icon="zoomIn" label="zoomIn" wide off={off} act={() => stage.zoomBy(1.25)} />
        <ToolButton icon="fit" label="zoomFit" off={off} act={stage.zoomFit} />
      </div>
      {tool !== "move" && !off && <BrushOptions />}
    </div>
  );
}

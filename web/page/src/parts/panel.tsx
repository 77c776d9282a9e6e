/** The settings beside the image. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { active, items } from "../items";
import { notify } from "../notices";
import { FRAMES, type FrameName } from "../pure/frames";
import type { BackgroundKind } from "../pure/settings";
import { copy, save, saveAll } from "../save";
import { change, choosePicture, picture, reset, settings } from "../settings";
import { type Key, t } from "../texts";
import { Amount, Color, Tiles } from "./controls";
import { Icon } from "./icons";

const COLORS: readonly (readonly [string, Key])[] = [
  ["#ffffff", "white"],
  ["#d9dcdf", "grey"],
  ["#000000", "black"],
  ["#2f6fed", "blue"],
  ["#00b140", "green"],
  ["#ff00ff", "magenta"],
];

function Swatches() {
  return (
    <div class="swatches">
      {COLORS.map(([color, name]) => (
        <button
          type="button"
          key={color}
          class="swatch"
          style={{ backgroundColor: color }}
          aria-label={t(name)}
          title={t(name)}
          aria-pressed={settings.value.color === color}
          onClick={() => change({ color })}
        />
      ))}
      <Color name="color" label="colorPick" />
    </div>
  );
}

function Background() {
  const input = useRef<HTMLInputElement>(null);
  const kind = settings.value.background;
  const choose = (value: BackgroundKind) => {
    change({ background: value });
    if (value === "image" && !picture.value) input.current?.click();
  };
  const take = async () => {
    const file = input.current?.files?.[0];
    if (!file) return;
    try {
      await choosePicture(file);
    } catch {
      notify({ key: "errorBackground", values: { name: file.name } }, true);
    }
  };
  return (
    <section>
      <h2>{t("background")}</h2>
      <Tiles
        name="background"
        label="background"
        choose={choose}
        entries={[
          ["none", t("bgNone")],
          ["color", t("bgColor")],
          ["gradient", t("bgGradient")],
          ["blur", t("bgBlur")],
          ["image", t("bgImage")],
        ]}
      />
      {kind === "color" && <Swatches />}
      {kind === "gradient" && (
        <div class="row">
          <Color name="color" label="colorTop" />
          <Color name="color2" label="colorBottom" />
        </div>
      )}
      {kind === "blur" && <Amount name="blur" label="blurAmount" unit="pixels" />}
      <input
        ref={input}
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-hidden="true"
        aria-label={t("pickImage")}
        accept="image/*"
        onChange={take}
      />
      {kind === "image" && (
        <button type="button" onClick={() => input.current?.click()}>
          <Icon name="add" />
          {t("pickImage")}
        </button>
      )}
    </section>
  );
}

function Edges() {
  return (
    <section>
      <h2>{t("edges")}</h2>
      <Amount name="feather" label="feather" unit="pixels" />
      <Amount name="grow" label="grow" unit="pixels" />
      <label class="check">
        <input
          type="checkbox"
          checked={settings.value.shadow}
          onChange={(event) => change({ shadow: event.currentTarget.checked })}
        />
        {t("shadow")}
      </label>
    </section>
  );
}

const FRAME_TEXTS: Record<FrameName, Key> = {
  whole: "frameWhole",
  crop: "frameCrop",
  shop: "frameShop",
  "shop-tall": "frameShopTall",
  profile: "frameProfile",
  story: "frameStory",
  passport: "framePassport",
  "passport-us": "framePassportUs",
  custom: "frameCustom",
};

function Side({ name }: { readonly name: "width" | "height" }) {
  return (
    <label class="side">
      <span>{t(name)}</span>
      <input
        type="number"
        min={16}
        max={8000}
        value={settings.value[name]}
        onChange={(event) => {
          const value = Math.round(Number(event.currentTarget.value));
          if (value >= 16 && value <= 8000) change({ [name]: value });
          else event.currentTarget.value = String(settings.value[name]);
        }}
      />
    </label>
  );
}

function Framing() {
  const { frame } = settings.value;
  return (
    <section>
      <h2>{t("size")}</h2>
      <select
        aria-label={t("frame")}
        value={frame}
        onChange={(event) => change({ frame: event.currentTarget.value as FrameName })}
      >
        {Object.keys(FRAMES).map((name) => (
          <option key={name} value={name}>
            {t(FRAME_TEXTS[name as FrameName])}
          </option>
        ))}
      </select>
      {frame === "custom" && (
        <div class="row">
          <Side name="width" />
          <Side name="height" />
        </div>
      )}
      {frame !== "whole" && frame !== "crop" && <p class="hint">{t("frameNote")}</p>}
    </section>
  );
}

export function Save() {
  const item = active.value;
  const ready = item?.kind === "image" && item.state === "done";
  const done = items.value.filter((one) => one.kind === "image" && one.state === "done").length;
  const packing = useSignal<{ n: number; of: number } | null>(null);
  const zip = async () => {
    packing.value = { n: 0, of: done };
    await saveAll((n, of) => {
      packing.value = { n, of };
    });
    packing.value = null;
  };
  return (
    <div class="save">
      <button type="button" class="primary" disabled={!ready} onClick={() => item && save(item)}>
        <Icon name="download" />
        {t("download")}
      </button>
      <button type="button" disabled={!ready} onClick={() => item && copy(item)}>
        <Icon name="copy" />
        {t("copy")}
      </button>
      {done > 1 && (
        <button type="button" class="zip" disabled={packing.value !== null} onClick={zip}>
          {packing.value ? t("zipping", packing.value) : t("downloadZip", { n: done })}
        </button>
      )}
    </div>
  );
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    notify({ key: "linkCopied" });
  } catch {
    notify({ key: "errorCopy" }, true);
  }
}

function FileSettings() {
  const { type, background } = settings.value;
  return (
    <section>
      <h2>{t("fileType")}</h2>
      <Tiles
        name="type"
        label="fileType"
        entries={[
          ["png", "PNG"],
          ["webp", "WebP"],
          ["jpeg", "JPEG"],
        ]}
      />
      {type !== "png" && <Amount name="quality" label="quality" unit="percent" />}
      {type === "jpeg" && background === "none" && <p class="hint">{t("jpegNote")}</p>}
      <div class="row small">
        <button type="button" class="quiet" onClick={reset}>
          {t("reset")}
        </button>
        <button type="button" class="quiet" onClick={copyLink}>
          {t("link")}
        </button>
      </div>
    </section>
  );
}

export function Panel() {
  return (
    <aside class="panel">
      <Background />
      <Edges />
      <Framing />
      <FileSettings />
    </aside>
  );
}

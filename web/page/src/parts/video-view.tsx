/** A video: its preview, the server's work on it, the result. */
import { useEffect, useState } from "preact/hooks";
import type { Item } from "../items";
import { resultName } from "../pure/files";
import { type Key, t } from "../texts";
import { cancel, progress, type Step, send } from "../videos";
import { Icon } from "./icons";

const STEPS: Record<Step, Key> = {
  uploading: "videoUploading",
  queued: "videoQueued",
  running: "videoRunning",
  done: "videoDone",
};

function useUrl(file: Blob): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}

function Doing({ item }: { readonly item: Item }) {
  const now = progress.value.get(item.id);
  if (!now) {
    return (
      <>
        <p class="hint">{t("videoNote", { host: location.host })}</p>
        <button type="button" class="primary" onClick={() => send(item)}>
          {t("videoStart")}
        </button>
      </>
    );
  }
  const text = t(STEPS[now.step], { percent: now.percent });
  if (now.result) {
    return (
      <>
        <p>{text}</p>
        <a
          class="button primary"
          href={now.result}
          download={resultName(item.name, now.ending, new Set())}
        >
          <Icon name="download" />
          {t("download")}
        </a>
      </>
    );
  }
  return (
    <>
      <progress aria-label={text} max={100} value={now.percent} />
      <p role="status">{text}</p>
      <button type="button" onClick={() => cancel(item)}>
        {t("videoCancel")}
      </button>
    </>
  );
}

export function VideoView({ item }: { readonly item: Item }) {
  const own = useUrl(item.file);
  const result = progress.value.get(item.id)?.result;
  return (
    <div class="stage video" id="stage-area">
      {/* biome-ignore lint/a11y/useMediaCaption: people's own videos have none */}
      <video
        key={result ?? "own"}
        controls
        playsInline
        src={result ?? own}
        aria-label={t("videoPreview", { name: item.name })}
      />
      <div class="video-doing">
        <Doing item={item} />
      </div>
    </div>
  );
}

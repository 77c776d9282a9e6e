/** The page as a whole. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { engineState, reload } from "../engine";
import { filesOf, takeIn } from "../intake";
import { items } from "../items";
import { announcement, dismiss, notices } from "../notices";
import { LANGUAGES, type Language, language, say, speak, t } from "../texts";
import { redo, undo, work } from "../work";
import { Camera } from "./camera";
import { Icon, Mark } from "./icons";
import { Panel, Save } from "./panel";
import { StageView } from "./stage-view";
import { Start } from "./start";
import { Strip } from "./strip";
import { Tools } from "./tools";

function Engine() {
  const state = engineState.value;
  if (state.kind === "failed") {
    const again = () => reload().then(work, () => undefined);
    return (
      <p class="engine bad">
        <span>{t("engineFailed", { reason: state.reason })}</span>
        <button type="button" class="quiet" onClick={again}>
          {t("retry")}
        </button>
      </p>
    );
  }
  if (state.kind === "ready") {
    const offline = navigator.serviceWorker?.controller;
    return (
      <p class="engine" data-device={state.device}>
        {t(offline ? "engineReady" : "engineReadyHere")}
      </p>
    );
  }
  return (
    <p class="engine">
      <progress
        aria-label={t("engineLoading", { percent: state.percent })}
        max={100}
        value={state.percent}
      />
      <span>{t("engineLoading", { percent: state.percent })}</span>
    </p>
  );
}

async function choose(wanted: Language): Promise<void> {
  await speak(wanted);
  const query = new URLSearchParams(location.search);
  query.set("lang", wanted);
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

function Header() {
  return (
    <header>
      {items.value.length > 0 && (
        <a class="skip" href="#stage-area">
          {t("skip")}
        </a>
      )}
      <span class="brand">
        <Mark />
        figureground
      </span>
      <span class="tagline">{t("tagline")}</span>
      <Engine />
      <select
        class="language"
        aria-label={t("languageLabel")}
        value={language.value}
        onChange={(event) => choose(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([short, name]) => (
          <option key={short} value={short} lang={short}>
            {name}
          </option>
        ))}
      </select>
    </header>
  );
}

function Notices() {
  return (
    <>
      <div class="notices">
        {notices.value.map((notice) => (
          <div
            key={notice.id}
            class={notice.bad ? "notice bad" : "notice"}
            role={notice.bad ? "alert" : "status"}
          >
            <span>{say(notice)}</span>
            <button type="button" aria-label={t("close")} onClick={() => dismiss(notice.id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
      <p class="unseen" role="status">
        {announcement.value && say(announcement.value)}
      </p>
    </>
  );
}

/** Take what is pasted or dropped anywhere; Ctrl+Z undoes. */
function useWindow(over: { value: boolean }): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => takeIn(filesOf(event.clipboardData));
    const drop = (event: DragEvent) => {
      event.preventDefault();
      over.value = false;
      takeIn(filesOf(event.dataTransfer));
    };
    const drag = (event: DragEvent) => {
      event.preventDefault();
      over.value = true;
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) over.value = false;
    };
    const key = (event: KeyboardEvent) => {
      const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
      if (!undoes || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    const all = { paste, drop, dragover: drag, dragleave: leave, keydown: key };
    for (const [name, act] of Object.entries(all)) addEventListener(name, act as EventListener);
    return () => {
      for (const [name, act] of Object.entries(all))
        removeEventListener(name, act as EventListener);
    };
  }, [over]);
}

export function App() {
  const over = useSignal(false);
  useWindow(over);
  const started = items.value.length > 0;
  return (
    <div class={`page ${started ? "started" : ""} ${over.value ? "over" : ""}`}>
      <Header />
      {started ? (
        <>
          <main>
            <h1 class="unseen">{t("startTitle")}</h1>
            <Tools />
            <StageView />
            <Strip />
          </main>
          <div class="sidebar">
            <Panel />
            <Save />
          </div>
        </>
      ) : (
        <main class="empty">
          <Start />
        </main>
      )}
      <Notices />
      <Camera />
    </div>
  );
}

/** What is there before the first image, and the buttons that bring images in. */
import { useRef } from "preact/hooks";
import { pasteImages, pasteKey, takeExample, takeIn } from "../intake";
import { server } from "../server";
import { t } from "../texts";
import { openCamera } from "./camera";
import { Icon } from "./icons";

/** A button that opens the computer's files. */
export function Choose({ small = false }: { readonly small?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const accept = server.value ? "image/*,video/*" : "image/*";
  const label = small ? "add" : server.value ? "chooseServer" : "choose";
  const take = async () => {
    const files = [...(input.current?.files ?? [])];
    if (input.current) input.current.value = ""; // the same file may be chosen again
    await takeIn(files);
  };
  return (
    <>
      <button
        type="button"
        class={small ? "tile add" : "primary"}
        onClick={() => input.current?.click()}
      >
        <Icon name="add" />
        <span class={small ? "unseen" : ""}>{t(label)}</span>
      </button>
      <input
        ref={input}
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-hidden="true"
        aria-label={t(label)}
        multiple
        accept={accept}
        onChange={take}
      />
    </>
  );
}

/** The example, before and after; a click takes it in. */
function Example() {
  return (
    <button type="button" class="example" onClick={takeExample}>
      <span class="example-view" aria-hidden="true">
        <img src="example-before.jpg" alt="" width="448" height="448" />
        <span class="example-after">
          <img src="example-after.webp" alt="" width="448" height="448" />
        </span>
        <span class="example-line" />
      </span>
      <span class="example-text">{t("example")}</span>
    </button>
  );
}

export function Start() {
  return (
    <section class="start" aria-labelledby="start-title">
      <div class="start-inner">
        <div class="start-words">
          <h1 id="start-title">{t("startTitle")}</h1>
          <p>{t("startText")}</p>
          <div class="start-buttons">
            <Choose />
            <button type="button" onClick={pasteImages}>
              <Icon name="paste" />
              {t("paste")}
            </button>
            <button type="button" onClick={openCamera}>
              <Icon name="camera" />
              {t("camera")}
            </button>
          </div>
          <p class="hint keys">{t("pasteHint", { key: pasteKey() })}</p>
        </div>
        <Example />
      </div>
    </section>
  );
}

/** A photo from the computer's camera, in a dialog. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { takeIn } from "../intake";
import { notify } from "../notices";
import { t } from "../texts";

const stream = signal<MediaStream | null>(null);
const seen = signal(false);
let shots = 0;

/** Ask for the camera, and show what it sees. */
export async function openCamera(): Promise<void> {
  try {
    stream.value = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 4096 }, height: { ideal: 2160 }, facingMode: "user" },
    });
  } catch {
    notify({ key: "errorCamera" }, true);
  }
}

function closeCamera(): void {
  for (const track of stream.value?.getTracks() ?? []) track.stop();
  stream.value = null;
  seen.value = false;
}

async function shoot(video: HTMLVideoElement): Promise<void> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  closeCamera();
  await takeIn([new File([blob], `camera-${++shots}.jpg`, { type: blob.type })]);
}

export function Camera() {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const shown = stream.value;
  useEffect(() => {
    if (!shown || !dialog.current || !video.current) return;
    video.current.srcObject = shown;
    dialog.current.showModal();
  }, [shown]);
  if (!shown) return null;
  return (
    <dialog ref={dialog} class="camera" aria-labelledby="camera-title" onClose={closeCamera}>
      <h2 id="camera-title">{t("cameraTitle")}</h2>
      <video
        ref={video}
        autoplay
        muted
        playsInline
        onLoadedData={() => {
          seen.value = true;
        }}
      />
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={!seen.value}
          onClick={() => video.current && shoot(video.current)}
        >
          {t(seen.value ? "shoot" : "cameraWaiting")}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("close")}
        </button>
      </div>
    </dialog>
  );
}

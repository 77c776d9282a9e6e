/** Where images come from: files, a drop, the clipboard. */
import { addItem, update } from "./items";
import { notify } from "./notices";
import { findTrouble, kindOf } from "./pure/files";
import { server } from "./server";
import type { Message } from "./texts";
import { work } from "./work";

const TROUBLES = {
  empty: "errorEmpty",
  "not-image": "errorNotImage",
  "cut-short": "errorCutShort",
} as const;

/** Take files in; what is none of ours is said at once, and stays in the strip as failed. */
export async function takeIn(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    const { name } = file;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const kind = kindOf(bytes) ?? "image";
    const trouble = kind === "video" ? null : findTrouble(bytes);
    const item = addItem({ file, name, kind });
    if (trouble) refuse(item.id, { key: TROUBLES[trouble], values: { name } });
    else if (kind === "video" && !server.value) {
      refuse(item.id, { key: "errorVideo", values: { name } });
    }
    work();
  }
}

function refuse(id: number, message: Message): void {
  update(id, { state: "failed", message });
  notify(message, true);
}

/** Files of a paste or a drop. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

/** Take in the example that comes with the page: NASA's portrait of Eileen Collins. */
export async function takeExample(): Promise<void> {
  const blob = await (await fetch("example.jpg")).blob();
  await takeIn([new File([blob], "astronaut.jpg", { type: "image/jpeg" })]);
}

/** The key that pastes on this computer. */
export const pasteKey = (): string => (/Mac|iP/.test(navigator.platform) ? "⌘V" : "Ctrl+V");

/** Read images from the clipboard. */
export async function pasteImages(): Promise<void> {
  let entries: ClipboardItems;
  try {
    entries = await navigator.clipboard.read();
  } catch {
    return notify({ key: "errorClipboard", values: { key: pasteKey() } }, true);
  }
  const files: File[] = [];
  for (const entry of entries) {
    const type = entry.types.find((name) => name.startsWith("image/"));
    if (!type) continue;
    const blob = await entry.getType(type);
    files.push(new File([blob], `clipboard.${type.split("/")[1]}`, { type }));
  }
  if (!files.length) return notify({ key: "errorClipboardEmpty" }, true);
  await takeIn(files);
}

/** The images of the page: one list, and which of them is shown. */
import { computed, signal } from "@preact/signals";
import type { Stroke } from "./pure/brush";
import type { Size } from "./pure/frames";
import type { Message } from "./texts";

export type State = "waiting" | "working" | "done" | "failed";

export interface Item {
  readonly id: number;
  readonly kind: "image" | "video";
  readonly file: Blob;
  readonly name: string;
  readonly state: State;
  /** A small copy of the image or its result, as a URL. */
  readonly thumb: string | null;
  readonly message: Message | null;
  /** The network's matte, 8 bits, deflated, where the browser may put it on disk; with its size. */
  readonly matte: Blob | null;
  readonly size: Size | null;
  /** Whether nobody was found. */
  readonly empty: boolean;
  readonly strokes: readonly Stroke[];
  readonly undone: readonly Stroke[];
}

export const items = signal<readonly Item[]>([]);
export const activeId = signal<number | null>(null);
export const active = computed(
  () => items.value.find((item) => item.id === activeId.value) ?? null,
);

let last = 0;

/** A new entry of the list. */
export function addItem(given: Pick<Item, "file" | "name" | "kind">): Item {
  const item: Item = {
    id: ++last,
    state: "waiting",
    thumb: null,
    message: null,
    matte: null,
    size: null,
    empty: false,
    strokes: [],
    undone: [],
    ...given,
  };
  items.value = [...items.value, item];
  if (activeId.value === null || active.value?.state === "failed") activeId.value = item.id;
  return item;
}

/** Change an entry; one that is no longer there stays away. */
export function update(id: number, change: Partial<Item>): void {
  items.value = items.value.map((item) => {
    if (item.id !== id) return item;
    if (change.thumb !== undefined && item.thumb) URL.revokeObjectURL(item.thumb);
    return { ...item, ...change };
  });
}

export const find = (id: number): Item | undefined => items.value.find((item) => item.id === id);

/** Take an entry away; its neighbour is shown then. */
export function removeItem(id: number): void {
  const at = items.value.findIndex((item) => item.id === id);
  if (at < 0) return;
  const thumb = items.value[at].thumb;
  if (thumb) URL.revokeObjectURL(thumb);
  items.value = items.value.filter((item) => item.id !== id);
  if (activeId.value === id) {
    activeId.value = items.value[Math.min(at, items.value.length - 1)]?.id ?? null;
  }
}

/** Take all away. */
export function clearItems(): void {
  for (const item of items.value) if (item.thumb) URL.revokeObjectURL(item.thumb);
  items.value = [];
  activeId.value = null;
}

/** What the page tells in passing: seen at its foot, read out by screen readers. */
import { signal } from "@preact/signals";
import type { Message } from "./texts";

export interface Notice extends Message {
  readonly id: number;
  readonly bad: boolean;
}

export const notices = signal<readonly Notice[]>([]);
/** What is only read out. */
export const announcement = signal<Message | null>(null);

const LASTS = 6000; // milliseconds; what went wrong stays until it is closed
const MOST = 4;
let last = 0;

/** Show a message. */
export function notify(message: Message, bad = false): void {
  const id = ++last;
  notices.value = [...notices.value.slice(1 - MOST), { ...message, id, bad }];
  if (!bad) setTimeout(() => dismiss(id), LASTS);
}

/** Close a message. */
export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

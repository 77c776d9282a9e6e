/** Which language the page speaks. */
import { signal } from "@preact/signals";
import { en, type Texts } from "./en";

export type Key = keyof Texts;

/** What a text needs to be filled in. */
export type Values = Readonly<Record<string, string | number>>;

/** A text that is not yet in a language. */
export interface Message {
  readonly key: Key;
  readonly values?: Values;
}

const OTHERS: Record<string, () => Promise<Texts>> = {
  ar: async () => (await import("./ar")).ar,
};

export const LANGUAGES = { en: "English", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

export const language = signal<Language>("en");
const texts = signal<Texts>(en);

/** A text in the page's language. */
export function t(key: Key, values: Values = {}): string {
  return texts.value[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** A message in the page's language. */
export const say = (message: Message): string => t(message.key, message.values);

/** Let the page speak a language. */
export async function speak(wanted: Language): Promise<void> {
  texts.value = wanted === "en" ? en : await OTHERS[wanted]();
  language.value = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = texts.value.dir;
  document.title = texts.value.title;
}

/** The language that an address asks for, or else the browser. */
export function wantedLanguage(query: string, spoken: readonly string[]): Language {
  const asked = [new URLSearchParams(query).get("lang") ?? "", ...spoken];
  for (const name of asked) {
    const short = name.slice(0, 2).toLowerCase();
    if (short in LANGUAGES) return short as Language;
  }
  return "en";
}

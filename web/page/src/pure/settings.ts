/** What decides how a result looks, and how it is written into the page's address. */
import { FRAMES, type FrameName } from "./frames";

export type BackgroundKind = "none" | "color" | "gradient" | "blur" | "image";
export type FileType = "png" | "webp" | "jpeg";

export interface Settings {
  readonly background: BackgroundKind;
  /** CSS colours, `#rrggbb`; the second ends a gradient. */
  readonly color: string;
  readonly color2: string;
  /** Standard deviation of a blurred background, pixels of an image of 1000 pixels. */
  readonly blur: number;
  /** Standard deviation that softens the outline, pixels. */
  readonly feather: number;
  /** Pixels that the outline moves outwards; inwards if negative. */
  readonly grow: number;
  readonly shadow: boolean;
  readonly frame: FrameName;
  /** Of the frame `custom`, pixels. */
  readonly width: number;
  readonly height: number;
  readonly type: FileType;
  /** Of WebP and JPEG, percent. */
  readonly quality: number;
}

export const DEFAULTS: Settings = {
  background: "none",
  color: "#ffffff",
  color2: "#cfd8dc",
  blur: 16,
  feather: 0,
  grow: 0,
  shadow: false,
  frame: "whole",
  width: 1200,
  height: 1200,
  type: "png",
  quality: 92,
};

const RANGES: Partial<Record<keyof Settings, readonly [number, number]>> = {
  blur: [1, 60],
  feather: [0, 20],
  grow: [-20, 20],
  width: [16, 8000],
  height: [16, 8000],
  quality: [1, 100],
};

const WORDS: Partial<Record<keyof Settings, readonly string[]>> = {
  background: ["none", "color", "gradient", "blur", "image"],
  frame: Object.keys(FRAMES),
  type: ["png", "webp", "jpeg"],
};

/** The range of a setting that is a number. */
export function range(name: keyof Settings): readonly [number, number] {
  return RANGES[name] ?? [0, 1];
}

/** One value as it is in the address, or undefined where it is none that the setting takes. */
function read(name: keyof Settings, text: string): Settings[keyof Settings] | undefined {
  const limits = RANGES[name];
  if (limits) {
    const value = Number(text);
    const fits = text !== "" && Number.isFinite(value) && value >= limits[0] && value <= limits[1];
    return fits ? value : undefined;
  }
  const words = WORDS[name];
  if (words) return words.includes(text) ? text : undefined;
  if (name === "shadow") return text === "1" ? true : text === "0" ? false : undefined;
  return /^#?[0-9a-f]{6}$/i.test(text) ? `#${text.replace("#", "").toLowerCase()}` : undefined;
}

/** Settings of an address's query; what is missing or wrong there is as usual. */
export function fromQuery(query: string): Settings {
  const given = new URLSearchParams(query);
  const found: Record<string, Settings[keyof Settings]> = {};
  for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    const value = read(name, given.get(name) ?? "");
    if (value !== undefined) found[name] = value;
  }
  return { ...DEFAULTS, ...found };
}

/** The query of an address with these settings; other names in it stay, usual values are left out. */
export function toQuery(settings: Settings, query: string): string {
  const result = new URLSearchParams(query);
  for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    const value = settings[name];
    if (value === DEFAULTS[name]) result.delete(name);
    else if (typeof value === "boolean") result.set(name, value ? "1" : "0");
    else result.set(name, String(value).replace("#", ""));
  }
  const text = result.toString();
  return text ? `?${text}` : "";
}

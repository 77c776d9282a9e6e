/** The settings of the page, in step with its address. */
import { signal } from "@preact/signals";
import { DEFAULTS, fromQuery, type Settings, toQuery } from "./pure/settings";

export const settings = signal<Settings>(fromQuery(location.search));
/** The image behind the person, where the settings ask for one. */
export const picture = signal<ImageBitmap | null>(null);

/** The file it was read from: videos need it. */
export const pictureFile = signal<Blob | null>(null);

/** Change settings, and the address with them. */
export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.value, ...part };
  const query = toQuery(settings.value, location.search);
  history.replaceState(null, "", `${location.pathname}${query}`);
}

/** Put all settings back. */
export const reset = (): void => change(DEFAULTS);

/** Put an image behind the person. Rejects where the browser cannot read it. */
export async function choosePicture(file: Blob): Promise<void> {
  const next = await createImageBitmap(file);
  picture.value?.close();
  picture.value = next;
  pictureFile.value = file;
  change({ background: "image" });
}

/** A video: sent to the server that the page comes from. */
import type { Item } from "../items";
import { t } from "../texts";

export function VideoView({ item }: { readonly item: Item }) {
  return <div class="stage">{t("videoPreview", { name: item.name })}</div>;
}

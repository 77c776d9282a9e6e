/** All images in a row, each with its state. */
import { activeId, clearItems, type Item, items, removeItem } from "../items";
import { type Key, t } from "../texts";
import { cancel } from "../videos";
import { stop } from "../work";
import { Icon } from "./icons";
import { Choose } from "./start";

const STATES: Record<Item["state"], Key> = {
  waiting: "stateWaiting",
  working: "stateWorking",
  done: "stateDone",
  failed: "stateFailed",
};

const stateOf = (item: Item): string =>
  t(item.state === "done" && item.empty ? "stateEmpty" : STATES[item.state]);

function drop(item: Item): void {
  if (item.kind === "video") cancel(item);
  else stop(item);
  removeItem(item.id);
}

function Entry({ item }: { readonly item: Item }) {
  const shown = activeId.value === item.id;
  const { name } = item;
  return (
    <li class={`entry ${item.state}`}>
      <button
        type="button"
        class="tile"
        aria-current={shown ? "true" : undefined}
        aria-label={t("itemLabel", { name, state: stateOf(item) })}
        title={`${name}: ${stateOf(item)}`}
        onClick={() => {
          activeId.value = item.id;
        }}
        onKeyDown={(event) => event.key === "Delete" && drop(item)}
      >
        {item.thumb ? <img src={item.thumb} alt="" /> : <span class="blank">{badge(item)}</span>}
      </button>
      <button
        type="button"
        class="cross"
        aria-label={t("remove", { name })}
        onClick={() => drop(item)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

const badge = (item: Item) =>
  item.state === "failed" ? "!" : item.state === "working" ? <span class="spinner" /> : "···";

function clear(): void {
  for (const item of items.value) stop(item);
  clearItems();
}

export function Strip() {
  return (
    <nav class="strip" aria-label={t("strip")}>
      <Choose small />
      <ul>
        {items.value.map((item) => (
          <Entry key={item.id} item={item} />
        ))}
        {items.value.length > 1 && (
          <li class="entry">
            <button type="button" class="quiet" onClick={clear}>
              {t("clear")}
            </button>
          </li>
        )}
      </ul>
    </nav>
  );
}

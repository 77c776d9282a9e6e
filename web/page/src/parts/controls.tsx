/** Settings as controls: sliders, colours, tiles. */
import { range, type Settings } from "../pure/settings";
import { change, settings } from "../settings";
import { type Key, t } from "../texts";

type Numbers = "blur" | "feather" | "grow" | "quality";

/** A slider of a setting that is a number. */
export function Amount(props: {
  readonly name: Numbers;
  readonly label: Key;
  readonly unit: "pixels" | "percent";
}) {
  const { name, label, unit } = props;
  const value = settings.value[name];
  const [min, max] = range(name);
  const text = t(unit, { n: value });
  return (
    <label class="amount">
      <span>{t(label)}</span>
      <output>{text}</output>
      <input
        type="range"
        min={min}
        max={max}
        value={value}
        aria-label={t(label)}
        aria-valuetext={text}
        onInput={(event) => change({ [name]: Number(event.currentTarget.value) })}
      />
    </label>
  );
}

/** A colour, of one's own. */
export function Color({ name, label }: { readonly name: "color" | "color2"; readonly label: Key }) {
  return (
    <label class="color">
      <input
        type="color"
        value={settings.value[name]}
        onInput={(event) => change({ [name]: event.currentTarget.value })}
      />
      <span>{t(label)}</span>
    </label>
  );
}

/** A choice of few, all in sight. */
export function Tiles<Name extends "background" | "type">(props: {
  readonly name: Name;
  readonly label: Key;
  readonly entries: readonly (readonly [Settings[Name], string])[];
  readonly choose?: (value: Settings[Name]) => void;
}) {
  const { name, label, entries } = props;
  const choose = props.choose ?? ((value) => change({ [name]: value }));
  return (
    <fieldset class="tiles">
      <legend class="unseen">{t(label)}</legend>
      {entries.map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={settings.value[name] === value}
            onChange={() => choose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

import { type ReactElement, useId } from "react";

/** One setting: the arrow keys go from option to option. */
export function SettingChoice<Option extends string>(props: {
  name: string;
  options: readonly Option[];
  words: Readonly<Record<Option, string>>;
  chosen: Option;
  onChoose: (option: Option) => void;
}): ReactElement {
  const { name, options, words, chosen, onChoose } = props;
  const group = useId();
  return (
    <fieldset className="choice">
      <legend className="choice__name">{name}</legend>
      <div className="choice__options">
        {options.map((option) => (
          <label key={option} className="choice__option">
            <input
              className="visually-hidden"
              type="radio"
              name={group}
              value={option}
              checked={option === chosen}
              onChange={() => onChoose(option)}
            />
            <span className="choice__word">{words[option]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

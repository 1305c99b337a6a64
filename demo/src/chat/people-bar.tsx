import { type CSSProperties, type ReactElement, useId } from "react";
import { type Person, type Theme, THEMES } from "./chat-events.ts";
import { hueOf } from "./hue-of.ts";
import "./people-bar.css";

/** More than these are counted. */
const MOST_SHOWN = 4;

/** Who is in the room, and the colours that this user has it in. */
export function PeopleBar(props: {
  people: readonly Person[];
  me: string | undefined;
  theme: Theme | undefined;
  onTheme: (theme: Theme) => void;
}): ReactElement {
  const { people, me, theme, onTheme } = props;
  const group = useId();
  const others = people.filter(({ id }) => id !== me);
  return (
    <div className="people">
      <ul className="people__marks" aria-hidden="true">
        {others.slice(0, MOST_SHOWN).map(({ id, name }) => (
          <li
            key={id}
            className="people__mark"
            style={{ "--hue": hueOf(id) } as CSSProperties}
            title={name}
          >
            {Array.from(name)[0]}
          </li>
        ))}
      </ul>
      <p className="people__words" role="status" data-people={people.length}>
        {people.length > 0 && wordsOf(others.map(({ name }) => name))}
      </p>
      <fieldset className="people__themes" disabled={theme === undefined}>
        <legend className="visually-hidden">Colours of the chat</legend>
        {THEMES.map((one) => (
          <label key={one} className="people__theme" data-theme={one} title={one}>
            <input
              className="visually-hidden"
              type="radio"
              name={group}
              checked={one === theme}
              onChange={() => onTheme(one)}
            />
            <span className="visually-hidden">{one}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function wordsOf(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "Nobody else is here";
  if (second === undefined) return `${first} is here`;
  if (names.length === 2) return `${first} and ${second} are here`;
  return `${first}, ${second} and ${names.length - 2} more are here`;
}

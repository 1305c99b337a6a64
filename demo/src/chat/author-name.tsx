import { type ReactElement, useState } from "react";
import { LONGEST_NAME } from "./chat-events.ts";

/** The name to write under, changed in place. */
export function AuthorName(props: {
  name: string;
  disabled: boolean;
  onRename: (name: string) => void;
}): ReactElement {
  const [typed, setTyped] = useState<string>();

  function finish(): void {
    const name = typed?.trim() ?? "";
    if (name !== "" && name !== props.name) props.onRename(name);
    setTyped(undefined);
  }

  return (
    <label className="author-name">
      <span>writing as</span>
      <input
        className="author-name__input"
        aria-label="Your name"
        maxLength={LONGEST_NAME}
        disabled={props.disabled}
        size={Math.max((typed ?? props.name).length, 4)}
        value={typed ?? props.name}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Escape") setTyped(undefined);
          if (event.key !== "Enter") return;
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
    </label>
  );
}

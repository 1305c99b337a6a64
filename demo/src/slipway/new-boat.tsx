import type { HoldfastError } from "@holdfast/client";
import { type FormEvent, type ReactElement, useState } from "react";
import { wordsFor } from "../shell/words-for.ts";
import { LONGEST_BOAT_NAME } from "./slipway-actions.ts";

/** Where a boat is named. It stands ashore at once. */
export function NewBoat(props: {
  disabled: boolean;
  onLaunch: (name: string) => Promise<unknown>;
}): ReactElement {
  const [name, setName] = useState("");
  const [refusal, setRefusal] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (props.disabled || name.trim() === "") return;
    setName("");
    setRefusal("");
    props.onLaunch(name).catch((error: HoldfastError) => setRefusal(wordsFor(error)));
  }

  return (
    <form className="new-boat" onSubmit={submit}>
      <input
        className="panel__line"
        aria-label="What is to be done"
        placeholder="What is to be done?"
        maxLength={LONGEST_BOAT_NAME}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button className="button" type="submit" disabled={props.disabled || name.trim() === ""}>
        Lay down
      </button>
      {refusal !== "" && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </form>
  );
}

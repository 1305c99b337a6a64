import { type ReactElement, useState } from "react";
import { useModule } from "./holdfast.ts";

export function Shop(): ReactElement {
  const [text, setText] = useState("");
  const { state, status, actions } = useModule("todos", { key: "shop" });
  const add = (): void => {
    actions.add(text).catch((error: Error) => setText(error.message));
  };
  return (
    <>
      <p>{status === "offline" ? "You are offline." : ""}</p>
      <ul>
        {state?.items.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <input value={text} onChange={(event) => setText(event.target.value)} />
      <button onClick={add}>Add</button>
    </>
  );
}

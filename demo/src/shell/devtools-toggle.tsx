import { lazy, type ReactElement, Suspense, useState } from "react";
import "./devtools-toggle.css";

// Their code comes when somebody asks for them.
const Devtools = lazy(async () => {
  const { HoldfastDevtools } = await import("@holdfast/client/devtools");
  return { default: HoldfastDevtools };
});

/** The foot of every page: shows what goes on between it and the server. */
export function DevtoolsToggle(): ReactElement {
  const [isOn, setIsOn] = useState(false);
  return (
    <footer className="devtools-toggle">
      <button type="button" aria-pressed={isOn} onClick={() => setIsOn(!isOn)}>
        {isOn ? "Put the devtools away" : "Look inside with the devtools"}
      </button>
      {isOn && (
        <Suspense>
          <Devtools open />
        </Suspense>
      )}
    </footer>
  );
}

import type { CSSProperties, ReactElement } from "react";
import type { Drop } from "./use-ripples.ts";
import "./ripples.css";

/** Rings where somebody pressed, and what they added. */
export function Ripples(props: {
  drops: readonly Drop[];
  onGone: (id: number) => void;
}): ReactElement {
  return (
    <div className="ripples" aria-hidden="true">
      {props.drops.map(({ id, x, y, by, own }) => (
        <span
          key={id}
          className="ripples__drop"
          data-own={own}
          style={{ "--x": x, "--y": y } as CSSProperties}
          onAnimationEnd={(event) => {
            if (event.animationName === "ripples-rise") props.onGone(id);
          }}
        >
          <span className="ripples__ring" />
          <span className="ripples__ring ripples__ring--late" />
          <span className="ripples__added">+{by}</span>
        </span>
      ))}
    </div>
  );
}

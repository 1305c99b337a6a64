import { type CSSProperties, type ReactElement, useRef } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { increment, LARGEST_STEP } from "./counter-actions.ts";
import { Odometer } from "./odometer.tsx";
import { Ripples } from "./ripples.tsx";
import { useRipples } from "./use-ripples.ts";
import "./tide.css";

/** Presses from low water to high water; then the tide turns. */
const PRESSES_PER_TIDE = 100;

const optimistic = {
  increment: (draft: { count: number }, by?: number) => increment(draft, by),
};

/** The shared counter: water that everybody raises. */
export function Tide(): ReactElement {
  const { state, restored, actions, pending } = usePersistedModule("counter", { optimistic });
  const count = restored ? state.count : 0;
  const basin = useRef<HTMLDivElement>(null);
  const level = (count % PRESSES_PER_TIDE) / PRESSES_PER_TIDE;
  const ripples = useRipples(restored ? count : undefined, level);

  function press(by: number, at?: { clientX: number; clientY: number }): void {
    ripples.drop(by, placeWithin(basin.current, at));
    // A refusal shows itself: the number falls back to what the server has.
    actions.increment(by).catch(() => {});
  }

  return (
    <section className="panel tide" aria-labelledby="tide-title">
      <div className="tide__basin" ref={basin} style={{ "--level": level } as CSSProperties}>
        <Crest className="tide__crest tide__crest--far" />
        <Crest className="tide__crest" />
        <Odometer value={count} faded={!restored} />
        <div className="tide__water" aria-hidden="true">
          <Odometer value={count} faded={!restored} />
        </div>
        <Ripples drops={ripples.drops} onGone={ripples.forget} />
        <button
          className="tide__press"
          type="button"
          disabled={!restored}
          aria-describedby="tide-count"
          // Only a pointer says where; the keyboard's click has no place.
          onClick={(event) => press(1, event.detail === 0 ? undefined : event)}
        >
          <span className="visually-hidden">Raise the tide by one</span>
        </button>
        <p className="tide__hint" aria-hidden="true">
          press anywhere
        </p>
      </div>
      <div className="tide__caption">
        <div>
          <h2 id="tide-title" className="tide__title">
            The tide
          </h2>
          <p id="tide-count" className="tide__fact">
            {restored ? (
              <>
                <span className="visually-hidden">The count is {count}. </span>
                {tideOf(count)}
              </>
            ) : (
              "looking for the shore"
            )}
          </p>
        </div>
        <p className="tide__pending" data-pending={pending} aria-live="off">
          {pending > 0 ? `${pending} on the way` : restored && "all stored"}
        </p>
        <button
          className="button"
          type="button"
          disabled={!restored}
          onClick={() => press(LARGEST_STEP)}
        >
          +{LARGEST_STEP}
        </button>
      </div>
    </section>
  );
}

/** The moving edge of the water. */
function Crest({ className }: { className: string }): ReactElement {
  return (
    <svg className={className} viewBox="0 0 400 20" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 10Q25 0 50 10T100 10T150 10T200 10T250 10T300 10T350 10T400 10V20H0Z" />
    </svg>
  );
}

function tideOf(count: number): string {
  const turned = Math.floor(count / PRESSES_PER_TIDE);
  const left = PRESSES_PER_TIDE - (count % PRESSES_PER_TIDE);
  const tides = turned === 0 ? "" : ` · ${turned} ${turned === 1 ? "tide" : "tides"}`;
  return `${left} to high water${tides}`;
}

/** Where in the basin it was pressed, in fractions; the middle if nobody knows. */
function placeWithin(
  basin: HTMLElement | null,
  at: { clientX: number; clientY: number } | undefined,
): { x: number; y: number } {
  if (!basin || !at) return { x: 0.5, y: 0.62 };
  const box = basin.getBoundingClientRect();
  return { x: (at.clientX - box.left) / box.width, y: (at.clientY - box.top) / box.height };
}

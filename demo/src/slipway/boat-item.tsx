import type { ReactElement } from "react";
import { type Berth, BERTHS, type Boat } from "./slipway-actions.ts";

/** One boat, with the ways that it can go. */
export function BoatItem(props: {
  boat: Readonly<Boat>;
  onMove: (to: Berth) => void;
  onScrap: () => void;
}): ReactElement {
  const { boat, onMove, onScrap } = props;
  const at = BERTHS.indexOf(boat.berth);
  const back = BERTHS[at - 1];
  const on = BERTHS[at + 1];
  return (
    <li className="boat">
      <span className="boat__name">{boat.name}</span>
      <span className="boat__ways">
        {back && (
          <button
            type="button"
            aria-label={`${boat.name}: back ${back}`}
            onClick={() => onMove(back)}
          >
            ←
          </button>
        )}
        {on ? (
          <button type="button" aria-label={`${boat.name}: on, ${on}`} onClick={() => onMove(on)}>
            →
          </button>
        ) : (
          <button type="button" aria-label={`Scrap ${boat.name}`} onClick={onScrap}>
            ×
          </button>
        )}
      </span>
    </li>
  );
}

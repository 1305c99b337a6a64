import type { ReactElement } from "react";

/** How far what was typed has come. */
export function WhereItIs(props: {
  isKnown: boolean;
  isEmpty: boolean;
  isLive: boolean;
  pending: number;
}): ReactElement {
  const [place, fact] = factOf(props);
  return (
    <p className="keeping__fact" data-place={place}>
      <span className="keeping__light" aria-hidden="true" />
      <span>{fact}</span>
    </p>
  );
}

function factOf(props: {
  isKnown: boolean;
  isEmpty: boolean;
  isLive: boolean;
  pending: number;
}): [place: string, fact: string] {
  const { isKnown, isEmpty, isLive, pending } = props;
  if (!isKnown) return ["nowhere", "Looking for your draft"];
  if (pending === 0) return ["server", isEmpty ? "An empty sheet" : "Stored on the server"];
  if (isLive) return ["way", "On its way"];
  return ["browser", "Kept in this browser until there is a connection"];
}

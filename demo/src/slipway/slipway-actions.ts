/** Where a boat is, in the order in which it goes. */
export const BERTHS = ["ashore", "afloat", "home"] as const;
export type Berth = (typeof BERTHS)[number];

export const LONGEST_BOAT_NAME = 60;
export const MOST_BOATS = 60;

/** Something to be done. */
export interface Boat {
  readonly id: string;
  name: string;
  berth: Berth;
}

export interface SlipwayState {
  boats: Boat[];
}

export interface Move {
  readonly id: string;
  readonly to: Berth;
}

/** What the server does to the real state, and the browser to its prediction. */
export function launch(state: SlipwayState, name: string, id: string): void {
  state.boats.push({ id, name, berth: "ashore" });
}

/** A boat that moves stands last where it comes to. */
export function move(state: SlipwayState, { id, to }: Move): Boat | undefined {
  const at = state.boats.findIndex((boat) => boat.id === id);
  const [boat] = at < 0 ? [] : state.boats.splice(at, 1);
  if (!boat) return undefined;
  boat.berth = to;
  state.boats.push(boat);
  return boat;
}

export function scrap(state: SlipwayState, id: string): Boat | undefined {
  const at = state.boats.findIndex((boat) => boat.id === id);
  return at < 0 ? undefined : state.boats.splice(at, 1)[0];
}

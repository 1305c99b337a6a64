/** The largest step that one press may take. */
export const LARGEST_STEP = 10;

export interface CounterState {
  count: number;
}

/** The server runs it on the real state, the browser on its prediction: a press is instant. */
export function increment(state: CounterState, by: number = 1): number {
  state.count += by;
  return state.count;
}

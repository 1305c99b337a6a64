/** Sends one action. */
export type Call = (name: string, payload: unknown) => Promise<unknown>;

/**
 * Looked up by the language and by JSON, not by people, like everything that objects have anyway: an
 * action of such a name needs `dispatch`.
 */
const NOT_ACTIONS: readonly PropertyKey[] = ["then", "toJSON"];

/** An object that has a function for every action there may be; each is made once and stays. */
export function createActions(call: Call): object {
  const functions = new Map<string, (payload?: unknown) => Promise<unknown>>();
  return new Proxy(
    {},
    {
      get(target, name) {
        if (typeof name === "symbol" || name in target || NOT_ACTIONS.includes(name)) {
          return Reflect.get(target, name) as unknown;
        }
        let action = functions.get(name);
        if (!action) {
          action = (payload) => call(name, isEvent(payload) ? undefined : payload);
          functions.set(name, action);
        }
        return action;
      },
    },
  );
}

/**
 * `<button onClick={actions.reset}>` hands the click over. An event is never a payload: it has
 * methods, which no payload may hold.
 */
function isEvent(payload: unknown): boolean {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "preventDefault" in payload &&
    typeof payload.preventDefault === "function"
  );
}

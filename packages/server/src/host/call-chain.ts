/** Which instances wait for each other: the first called the second, and so on. Their names. */
export type CallChain = readonly string[];

const chains = new WeakMap<object, CallChain>();

/**
 * The environment for actions that run on behalf of a chain of callers: what they call with it knows
 * who waits for it. Nothing else tells the code of one action from that of another, once it has
 * awaited something: an `AsyncLocalStorage` is there only where an app switches it on.
 */
export function envOf(env: unknown, chain: CallChain): unknown {
  if (typeof env !== "object" || env === null) return env;
  // A copy of its own for each chain; the bindings in it are the same objects.
  const own = { ...env };
  chains.set(own, chain);
  return own;
}

/** Who waits for what is called with this environment; nobody where it is the Worker's own. */
export function chainOf(env: unknown): CallChain {
  return (typeof env === "object" && env !== null ? chains.get(env) : undefined) ?? [];
}

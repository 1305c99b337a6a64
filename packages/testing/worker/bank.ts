import { app, durableObjectStore, HoldfastError, named } from "@holdfast/server";

/** What accounts ask of each other, written down: a module cannot infer it from itself. */
interface AccountActions {
  deposit(amount: number): Promise<number>;
  pass(route: readonly string[]): Promise<string[]>;
}

let callAccount: (env: unknown, key: string) => AccountActions = () => {
  throw new Error("the worker has not said how accounts are called");
};

/** The worker knows how instances are called; the module that calls them knows no platform. */
export function connectAccounts(
  instance: (env: unknown, key: string) => { readonly actions: AccountActions },
): void {
  callAccount = (env, key) => instance(env, key).actions;
}

/** Accounts that call each other: one instance per key. */
export const account = app
  .defineState({ balance: 0, log: [] as string[], seen: new Map<string, Date>() })
  .persist(durableObjectStore(named()))
  .onAction("deposit", ({ state, session, user }, amount: number) => {
    state.balance += amount;
    state.log.push(`${session.id}/${String(user)}`);
    return state.balance;
  })
  .onAction("note", ({ state }, seen: Map<string, Date>) => {
    for (const [name, at] of seen) state.seen.set(name, at);
    return { seen: state.seen, total: BigInt(state.seen.size) };
  })
  .onAction("refuse", ({ state }) => {
    state.balance = -1;
    throw new HoldfastError("REFUSED", "The account is closed.");
  })
  .onAction("crash", ({ state }) => {
    state.balance = -1;
    throw new Error("secret detail");
  })
  .onAction("transfer", async ({ state, env }, order: { to: string; amount: number }) => {
    state.balance -= order.amount;
    const balance = await callAccount(env, order.to).deposit(order.amount);
    return { mine: state.balance, theirs: balance };
  })
  .onAction("pass", async ({ state, env }, route: readonly string[]): Promise<string[]> => {
    const [next, ...rest] = route;
    if (next === undefined) return ["end"];
    try {
      return [next, ...(await callAccount(env, next).pass(rest))];
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      state.log.push(error.code);
      return [error.code];
    }
  })
  .onAction("slow", { timeout: 300 }, async ({ state }) => {
    state.balance = -1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    state.balance = -2;
  })
  .build();

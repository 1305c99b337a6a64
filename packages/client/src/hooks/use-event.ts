import type { AppContract, ModuleContract } from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type { EventsOf, KeyArguments, ModuleName, ModuleOf } from "../contract.ts";
import type { ConnectionHandle } from "../module-handle.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/**
 * Calls `listener` for every `event` that the server emits while the component is there: a module's
 * actions, or, to a connection, whoever emits to its user or rooms. The state of the action's commit
 * is shown by then. The listener may be another function each time.
 *
 * @example
 * useEvent("chat", "joined", ({ who }) => toast(`${who} is here`), "general");
 * useEvent(useConnection("user"), "message", (message) => show(message));
 */
export interface UseEvent<App extends AppContract> {
  <Name extends ModuleName<App>, Event extends keyof EventsOf<ModuleOf<App, Name>> & string>(
    module: Name,
    event: Event,
    listener: (data: EventsOf<ModuleOf<App, Name>>[Event]) => void,
    ...key: KeyArguments<ModuleOf<App, Name>>
  ): void;
  <Connection extends ModuleContract, Event extends keyof EventsOf<Connection> & string>(
    connection: Pick<ConnectionHandle<Connection>, "on" | "emit">,
    event: Event,
    listener: (data: EventsOf<Connection>[Event]) => void,
  ): void;
}

/** Somebody who listens, whatever the event's type. */
type Listen = (event: string, listener: (data: never) => void) => () => void;

export function createUseEventWith<App extends AppContract>(
  { useEffect, useRef }: HookRuntime,
  client: Client<App>,
): UseEvent<App> {
  const useEvent = (
    source: ModuleName<App> | { readonly on: Listen },
    event: string,
    listener: (data: never) => void,
    ...[key]: readonly string[]
  ) => {
    const latest = useRef(listener);
    useEffect(() => {
      latest.current = listener;
    });
    const isModule = typeof source === "string";
    // The result of `useConnection` is another one in many a render, and its `on` is not.
    const stable = isModule ? source : source.on;
    useEffect(() => {
      // True because the types ask for a key exactly where there is one.
      const named = (key === undefined ? [] : [key]) as KeyArguments<
        ModuleOf<App, ModuleName<App>>
      >;
      const hear = (data: never): void => latest.current(data);
      if (typeof stable !== "string") return stable(event, hear);
      return client.module(stable, ...named).on(event as never, hear);
    }, [stable, event, key]);
  };
  // True because the types above only narrow what the implementation takes.
  return useEvent as unknown as UseEvent<App>;
}

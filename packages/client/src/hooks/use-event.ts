import type { AppContract } from "@holdfast/protocol";
import type { Client, KeyArguments } from "../client.ts";
import type { EventsOf, ModuleName, ModuleOf } from "../contract.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/**
 * Calls `listener` for every `event` that the module's actions emit while the component is there. The
 * state of the action's commit is shown by then. The listener may be another function each time.
 *
 * @example
 * useEvent("chat", "joined", ({ who }) => toast(`${who} is here`), "general");
 */
export type UseEvent<App extends AppContract> = <
  Name extends ModuleName<App>,
  Event extends keyof EventsOf<ModuleOf<App, Name>> & string,
>(
  module: Name,
  event: Event,
  listener: (data: EventsOf<ModuleOf<App, Name>>[Event]) => void,
  ...key: KeyArguments<ModuleOf<App, Name>>
) => void;

export function createUseEvent<App extends AppContract>(
  { useEffect, useRef }: HookRuntime,
  client: Client<App>,
): UseEvent<App> {
  return <Name extends ModuleName<App>>(
    module: Name,
    event: keyof EventsOf<ModuleOf<App, Name>> & string,
    listener: (data: never) => void,
    ...[key]: KeyArguments<ModuleOf<App, Name>>
  ) => {
    const latest = useRef(listener);
    useEffect(() => {
      latest.current = listener;
    });
    useEffect(() => {
      // True because the types ask for a key exactly where there is one.
      const named = (key === undefined ? [] : [key]) as KeyArguments<ModuleOf<App, Name>>;
      return client.module(module, ...named).on(event, (data) => latest.current(data as never));
    }, [module, event, key]);
  };
}

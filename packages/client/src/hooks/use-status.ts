import type { AppContract } from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type { ClientSnapshot } from "../client-snapshot.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/**
 * How the page is connected, over all of its instances: for a banner, or a warning before leaving
 * with actions unsent.
 */
export type UseStatus = () => ClientSnapshot;

const ON_SERVER: ClientSnapshot = { status: "connecting", pending: 0 };

export function createUseStatusWith(
  { useSyncExternalStore }: HookRuntime,
  client: Pick<Client<AppContract>, "getSnapshot" | "subscribe">,
): UseStatus {
  const subscribe = (onChange: () => void): (() => void) => client.subscribe(onChange);
  const getSnapshot = (): ClientSnapshot => client.getSnapshot();
  return () => useSyncExternalStore(subscribe, getSnapshot, () => ON_SERVER);
}

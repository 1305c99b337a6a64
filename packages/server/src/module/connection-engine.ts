import type { ValueObject } from "@holdfast/protocol";

/** What the engine has to know of a module that is a connection's. */
export interface ConnectionTraits {
  /** The class of its objects. */
  readonly binding: string;
  /** `false`: what storage did not take stays in memory, and is stored with the next commit. */
  readonly throwOnError: boolean;
}

/** The connection that brought an event. */
export interface Sender {
  /** The same over reconnects of its page; another one after a reload. */
  readonly id: string;
  /** What `extractMeta` gave, and `setMeta` since. */
  readonly meta: ValueObject;
  /** @throws HoldfastError `META_TOO_LARGE`, `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP` */
  setMeta(patch: ValueObject): void;
}

/** Where an event goes. */
export type EventTarget =
  | { readonly type: "own" }
  | { readonly type: "room"; readonly room: string }
  | { readonly type: "user"; readonly user: string };

/** What the engine does for the handler of a connection's event; with its commit, unless it says more. */
export interface ConnectionEngine {
  /** `undefined`: the server itself runs it. */
  readonly sender: Sender | undefined;
  emit(
    target: EventTarget,
    message: { readonly event: string; readonly data: unknown; readonly except: readonly string[] },
  ): void;
  join(room: string): void;
  leave(room: string): void;
  /** A plain copy of tracked state. */
  unwrap<Value>(value: Value): Value;
  /** Tells the operator, once for each text while the instance is in memory. */
  warnOnce(message: string): void;
}

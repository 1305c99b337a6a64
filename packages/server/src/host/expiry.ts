import { HoldfastError } from "@holdfast/protocol";
import type { Alarms } from "./alarms.ts";
import type { Audience } from "./audience.ts";
import { closeWith } from "./close.ts";
import type { Connection } from "./connection.ts";
import type { Platform } from "./platform.ts";

/**
 * Closes connections whose user runs out, with 4401: the client comes back with a fresh token. When
 * that is stands with each socket, so nothing is stored for it; the object's alarm wakes it in time.
 */
export class Expiry {
  readonly #audience: Audience;
  readonly #alarms: Alarms;
  readonly #platform: Platform;
  /** What the platform was last told for its sake. */
  #known = Number.POSITIVE_INFINITY;

  constructor(audience: Audience, alarms: Alarms, platform: Platform) {
    this.#audience = audience;
    this.#alarms = alarms;
    this.#platform = platform;
    alarms.watch(
      () => this.#next(),
      () => this.#closeOver(),
    );
  }

  /** Looks after a connection that has come. */
  watch({ meta: { expires } }: Connection): void {
    if (expires === undefined || expires >= this.#known) return;
    this.#known = expires;
    this.#alarms.changed();
  }

  isOver({ meta: { expires } }: Connection): boolean {
    return expires !== undefined && expires <= this.#platform.now();
  }

  #next(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { meta } of this.#audience.everybody()) next = Math.min(next, meta.expires ?? next);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #closeOver(): void {
    this.#known = Number.POSITIVE_INFINITY;
    for (const connection of this.#audience.everybody()) {
      if (!this.isOver(connection)) continue;
      this.#audience.remove(connection);
      closeWith(connection, userIsOver());
    }
  }
}

/** Why a connection whose user ran out is closed. */
export function userIsOver(): HoldfastError {
  return new HoldfastError(
    "UNAUTHENTICATED",
    "The token that this connection was made with has run out. The client asks for a fresh one and connects again.",
  );
}

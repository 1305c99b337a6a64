import type { Connection } from "./connection.ts";
import type { Sequence } from "./sequences.ts";

/** What there is to tell once it is durable, in order. */
export type News =
  /** An encoded commit, for everybody. */
  | { readonly type: "commit"; readonly text: string }
  /** An encoded event, for everybody, or for those whom `to` accepts. */
  | {
      readonly type: "event";
      readonly text: string;
      readonly to?: ((connection: Connection) => boolean) | undefined;
    }
  /** To be done once all the rest of it is told. */
  | { readonly type: "after"; readonly run: () => void }
  /** For whoever speaks for the client of the sequence. */
  | { readonly type: "answer"; readonly sequence: Sequence; readonly text: string }
  /** For one connection. */
  | { readonly type: "reply"; readonly connection: Connection; readonly text: string };

/** What was told behind what. Of two, one is nearly always empty: then nothing is copied. */
export function behind(first: readonly News[], then: readonly News[]): readonly News[] {
  return first.length === 0 ? then : [...first, ...then];
}

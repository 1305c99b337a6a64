import {
  app,
  durableObjectStore,
  emptyStream,
  global,
  HoldfastError,
  type ModuleDefinition,
  type StreamValue,
} from "@holdfast/server";
import { SECRET, type StreamOracle } from "./streams-oracle.ts";

/** Where a text is written. */
export type Place = "plain" | "secret" | `item ${number}`;

/** What a handler is to do. */
export interface Writing {
  readonly [field: string]: number | string;
  readonly place: Place;
  readonly run: number;
  /** How many pieces it writes, */
  readonly pieces: number;
  /** of so many words each, */
  readonly words: number;
  /** so many milliseconds apart at most. */
  readonly pauseMs: number;
  readonly end: "return" | "complete" | "fail" | "throw";
  /** The piece at which it begins anew; 0: at none. */
  readonly anew: number;
}

export interface StreamState {
  plain: StreamValue;
  secret: StreamValue;
  list: { id: number; reply: StreamValue }[];
}

interface Env {
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Items that the list begins with. */
export const ITEMS = 2;

/** A module that writes streams as it is told, and tells the oracle what it writes. */
export function streamModule(oracle: StreamOracle): ModuleDefinition {
  return app
    .defineState<StreamState>({
      plain: emptyStream(),
      secret: emptyStream(),
      list: Array.from({ length: ITEMS }, (_, id) => ({ id, reply: emptyStream() })),
    })
    .persist(durableObjectStore(global()))
    .view(({ session }) => ({ hide: session.id === "owner" ? [] : ["secret"] }))
    .onAction("write", { timeout: 20_000 }, async ({ state, stream, env }, writing: Writing) => {
      const { pause } = env as Env;
      const { place, run, pieces, words, pauseMs, end, anew } = writing;
      const reply = stream(pathOf(place, state));
      const random = (n: number): number => (run * 7_919 + n * 104_729) % (pauseMs + 1);
      reply.reset();
      let header = "";
      const begin = (part: number): void => {
        header = `${place === "secret" ? SECRET : ""}#${run}.${part}:`;
        oracle.begin(header, place);
        reply.set(header);
      };
      begin(0);
      let word = 0;
      for (let piece = 1; piece <= pieces; piece++) {
        // oxlint-disable-next-line no-await-in-loop -- One piece after the other.
        await pause(random(piece));
        if (piece === anew) begin(piece);
        const text = Array.from(
          { length: words },
          () => ` ${place === "secret" ? SECRET : ""}${++word}`,
        ).join("");
        reply.append(text);
        oracle.appended(header, text);
      }
      oracle.ended(header, end === "return" || end === "complete" ? "done" : "failed");
      if (end === "complete") reply.complete();
      if (end === "fail") reply.fail("given up");
      if (end === "throw") throw new HoldfastError("REFUSED", "It was led to throw.");
      // The caller may be somebody who does not see the stream.
      return header.replace(SECRET, "");
    })
    .onAction("cancel", ({ stream, state }, place: Place) => {
      const reply = stream(pathOf(place, state));
      if (reply.status === "streaming") reply.fail("cancelled");
    })
    .onAction("shift", ({ state }, id: number) => {
      state.list.unshift({ id, reply: emptyStream() });
    })
    .build();
}

function pathOf(place: Place, state: StreamState): string | (string | number)[] {
  if (place === "plain" || place === "secret") return place;
  const id = Number(place.slice("item ".length));
  return ["list", state.list.findIndex((item) => item.id === id), "reply"];
}

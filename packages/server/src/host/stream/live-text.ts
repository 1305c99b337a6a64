import { encodeMessage, joinFrame } from "@holdfast/protocol";
import type { Audience } from "../audience.ts";
import { type Connection, type ConnectionMeta, knows } from "../connection.ts";
import type { View } from "../view/view.ts";
import type { Views } from "../view/views.ts";
import type { LiveStream, Piece } from "./live-stream.ts";

/**
 * Tells readers what has come of streams and is not durable. A reader in step is told what is new; one
 * that there was no room for, or that has just come, all that is not in a commit yet. Nothing is kept
 * for anybody: what a reader misses, the next commit brings.
 */
export class LiveText {
  readonly #audience: Audience;
  readonly #views: Views;
  /** Who has been told all so far. */
  readonly #inStep = new WeakSet<Connection>();

  constructor(audience: Audience, views: Views) {
    this.#audience = audience;
    this.#views = views;
  }

  send(streams: readonly LiveStream[]): void {
    if (!streams.some(({ hasUnsent }) => hasUnsent)) return;
    const frames = new Map<View, Frames>();
    for (const connection of this.#audience.everybody()) {
      if (!knowsLiveText(connection.meta)) continue;
      const view = this.#views.of(connection);
      let told = frames.get(view);
      if (!told) frames.set(view, (told = framesFor(view, streams)));
      const frame = this.#inStep.has(connection) ? told.fresh : told.whole;
      if (frame === "" || this.#audience.offer(connection, frame)) this.#inStep.add(connection);
      else this.#inStep.delete(connection);
    }
    for (const stream of streams) stream.sent();
  }

  /** All that is live and may be seen, for somebody who has nothing of it. */
  whole(view: View, streams: Iterable<LiveStream>): string[] {
    return textsFor(view, [...streams], "whole");
  }
}

/** Whether somebody is told of text before it is in a commit. */
export function knowsLiveText(meta: Pick<ConnectionMeta, "protocol">): boolean {
  return knows(SINCE_PROTOCOL, meta);
}

const SINCE_PROTOCOL = 2;

/** Frames for all who see the same; `""`: there is nothing to tell them. */
interface Frames {
  readonly fresh: string;
  readonly whole: string;
}

function framesFor(view: View, streams: readonly LiveStream[]): Frames {
  const frame = (kind: keyof Frames): string => {
    const texts = textsFor(view, streams, kind);
    return texts.length === 0 ? "" : joinFrame(texts);
  };
  return { fresh: frame("fresh"), whole: frame("whole") };
}

function textsFor(view: View, streams: readonly LiveStream[], kind: keyof Frames): string[] {
  return streams
    .filter((stream) => stream.isLive && view.seesAllOf(stream.path))
    .map((stream): Piece => stream.news()[kind])
    .filter(({ text }) => text !== "")
    .map(({ id, from, text }) => encodeMessage({ type: "stream", id, from, text }));
}

import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { Committer } from "../commit.ts";
import type { Work } from "../run.ts";
import { Effects } from "../effects.ts";
import { publishedText } from "../intake.ts";
import type { News } from "../news.ts";
import type { LiveStream } from "./live-stream.ts";
import { noStream } from "./stream-errors.ts";
import { writableStreamAt, writeStream } from "./stream-place.ts";
import type { StreamRows } from "./stream-rows.ts";

/** What became of it. */
export type Stored =
  | { readonly type: "stored"; readonly news: readonly News[] }
  /** It never will be. */
  | { readonly type: "refused"; readonly error: HoldfastError }
  /** Storage failed for the moment. */
  | { readonly type: "failed" };

/**
 * Brings what was written to a stream into the state, by one commit. The first one of an action also
 * stores that the action must not be run again, and that the stream is under way.
 */
export function storeStream(
  live: LiveStream,
  { committer, limits, rows }: { committer: Committer; limits: Limits; rows: StreamRows },
): Stored {
  const { path, value, row, action } = live;
  const first = action?.isPublished() ? undefined : action;
  const effects = new Effects(limits, first?.effects.always);
  const open = value.status === "streaming" ? value.id : undefined;
  if (row !== undefined && row !== open) effects.write(() => rows.remove(row));
  if (open !== undefined && row !== open) effects.write(() => rows.add(open));
  const work: Work = {
    name: "stream",
    sequence: first?.sequence,
    partial: true,
    effects,
    run: (state) => {
      const place = writableStreamAt(state, path);
      if (!place) throw noStream(path);
      writeStream(place, value);
    },
  };
  const [outcome] = committer.commit([work]);
  if (outcome?.type !== "decided") return { type: "failed" };
  first?.effects.alwaysDone();
  if (outcome.answer.type === "reject") {
    const { code, message } = outcome.answer.error;
    return { type: "refused", error: new HoldfastError(code, message) };
  }
  live.isStored(value, open);
  if (outcome.commit === undefined) return { type: "stored", news: [] };
  first?.published();
  const news: News[] = [{ type: "commit", text: outcome.commit }];
  const sequence = first?.sequence;
  if (sequence) {
    const text = publishedText(sequence.client, sequence.seq);
    news.push({ type: "answer", sequence, text });
  }
  return { type: "stored", news };
}

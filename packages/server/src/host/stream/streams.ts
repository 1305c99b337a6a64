import { type Limits, type Path, streamAt, type StreamValue } from "@holdfast/protocol";
import type { Stream, StreamPath, StreamSource } from "../../module/stream.ts";
import type { StateTree } from "../../state/state-tree.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Committer } from "../commit.ts";
import { guard } from "../guard.ts";
import type { News } from "../news.ts";
import type { Platform } from "../platform.ts";
import type { View } from "../view/view.ts";
import { INTERRUPTED } from "./interrupt-streams.ts";
import { LiveStream } from "./live-stream.ts";
import type { LiveText } from "./live-text.ts";
import { StateStream, type StreamNews } from "./state-stream.ts";
import type { StreamChange } from "./stream-change.ts";
import { StreamClock } from "./stream-clock.ts";
import type { StreamOwner } from "./stream-owner.ts";
import { cancelled, noStream, takenAlready, tooManyStreams } from "./stream-errors.ts";
import { findStreams, pathOfStream } from "./stream-place.ts";
import { StreamRows } from "./stream-rows.ts";
import { storeStream } from "./stream-store.ts";

/** 132 random bits. */
const ID_CHARACTERS = 22;

/** What streams work with. */
export interface StreamsParts {
  readonly tree: StateTree;
  readonly committer: Committer;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly text: LiveText;
  /** Takes what is durable and may be told. */
  readonly tell: (news: readonly News[]) => void;
}

/**
 * The streams of an instance that are written to. What is written goes to readers as it comes, at the
 * pace of `streamPaceMs`, and into the state by commits of its own, through the one door: when a stream
 * begins or ends, and meanwhile every `streamStoreMs`, or sooner where much has come. Nothing of it
 * happens inside a handler: its raw state may be in use, so all waits for a microtask at least.
 *
 *   append ──▶ LiveStream ──pace──▶ `stream` frames to those who see it and keep up
 *                    ╰──250 ms, 16 Ki, begin, end──▶ commit() ──▶ everybody
 */
export class Streams implements StreamSource, StreamNews {
  readonly #parts: StreamsParts;
  readonly #rows: StreamRows;
  readonly #clock: StreamClock;
  readonly #live = new Set<LiveStream>();

  constructor(parts: StreamsParts) {
    const { platform, limits } = parts;
    this.#parts = parts;
    this.#rows = new StreamRows(parts.sql);
    this.#clock = new StreamClock(platform, limits.streamPaceMs, () => {
      guard(platform, () => this.#turn());
    });
  }

  /** As a synchronous action writes: into its own state. */
  openStream(path: StreamPath, state: object): Stream {
    return new StateStream(state, pathOfStream(path), this);
  }

  latest(value: StreamValue): StreamValue {
    const live = value.id === "" ? undefined : this.#find(value);
    // What has only just begun is its action's own until that is known to have begun it.
    return live?.hasBegun ? live.value : value;
  }

  /** What is live and may be seen, for somebody who has nothing of it yet. */
  told(view: View): string[] {
    return this.#parts.text.whole(view, this.#live);
  }

  newId(): string {
    return this.#parts.platform.token(ID_CHARACTERS);
  }

  /**
   * A stream as it is for all, stored or not.
   *
   * @throws HoldfastError `DEFINITION_INVALID` where there is none
   */
  read(place: Path | LiveStream): StreamValue {
    return this.latest(this.#committed(this.#pathOf(place)));
  }

  /** The stream that somebody writes to. */
  ownedBy(owner: StreamOwner): LiveStream | undefined {
    return [...this.#live].find((live) => live.owner === owner);
  }

  /**
   * Changes a stream for an asynchronous action.
   *
   * @param place where it stands, or what it was when the action changed it last: it may have moved
   * @throws HoldfastError as the methods of `Stream`; nothing has changed then
   */
  change(place: Path | LiveStream, owner: StreamOwner, change: StreamChange): LiveStream {
    const { platform, limits } = this.#parts;
    const live = this.ownedBy(owner) ?? this.#at(this.#pathOf(place));
    const other = live.owner === owner ? undefined : live.owner;
    if (other && (change.type === "append" || change.type === "set")) throw takenAlready();
    // Nothing of it is stored: it comes to nothing, so that its action may run again.
    if (other && !live.hasBegun) live.revert();
    live.change(change, () => this.newId());
    this.#live.add(live);
    live.owner = live.status === "streaming" ? owner : undefined;
    live.action = owner.action;
    other?.cut(cancelled());
    live.dirtySince ??= platform.now();
    if (live.unstored >= limits.streamStoreText) live.isUrgent = true;
    if (live.isUrgent) this.#clock.now();
    else this.#clock.soon();
    return live;
  }

  /**
   * What is not stored of it never will be. If what is stored says that more will come, that is
   * corrected: whoever wrote it has had to give the stream away.
   */
  drop(live: LiveStream): void {
    live.revert();
    if (live.stored.status !== "streaming") {
      this.#forget(live);
      return;
    }
    live.owner = live.action = undefined;
    live.dirtySince = this.#parts.platform.now();
    live.isUrgent = true;
    this.#clock.now();
  }

  /** Stores at once what an action leaves behind; not to be called inside a handler. */
  settle(): void {
    this.#turn();
  }

  /** Something was committed: whose stream was changed by others has lost it. */
  check(): void {
    for (const live of this.#live) {
      const value = this.#locate(live);
      if (value && isUnchanged(value, live.stored)) continue;
      this.#lose(live, value);
    }
  }

  #turn(): void {
    const { platform, limits, text } = this.#parts;
    const now = platform.now();
    const isDue = ({ dirtySince, isUrgent }: LiveStream): boolean =>
      dirtySince !== undefined && (isUrgent || dirtySince + limits.streamStoreMs <= now);
    for (const live of this.#live) {
      if (!isDue(live)) continue;
      if (this.#locate(live)) this.#store(live);
      else this.#lose(live, undefined);
    }
    text.send([...this.#live].filter(({ isLive }) => isLive));
    for (const live of this.#live) {
      if (live.dirtySince === undefined) continue;
      this.#clock.at(live.dirtySince + limits.streamStoreMs);
    }
  }

  #store(live: LiveStream): void {
    const { platform, tell } = this.#parts;
    const outcome = storeStream(live, { ...this.#parts, rows: this.#rows });
    switch (outcome.type) {
      case "stored":
        if (live.status !== "streaming") this.#live.delete(live);
        tell(outcome.news);
        break;
      case "refused":
        live.owner?.cut(outcome.error);
        // Not even that it was cut short: the next restore will say so.
        if (live.action) this.drop(live);
        else this.#forget(live);
        break;
      case "failed":
        // All of it is tried again, and what comes until then with it.
        live.dirtySince = platform.now();
        live.isUrgent = false;
        break;
    }
  }

  /** The value as it is committed, wherever it stands by now; `undefined` where it is gone. */
  #locate(live: LiveStream): StreamValue | undefined {
    const state = this.#parts.tree.committed();
    const { id } = live.stored;
    const isIt = (one: StreamValue): boolean => (id === "" ? one === live.node : one.id === id);
    const value = streamAt(state, live.path);
    if (value && isIt(value)) return value;
    const [path] = findStreams(state, isIt);
    if (!path) return undefined;
    live.path = path;
    return streamAt(state, path);
  }

  #pathOf(place: Path | LiveStream): Path {
    if (!(place instanceof LiveStream)) return place;
    if (!this.#locate(place)) throw noStream(place.path);
    return place.path;
  }

  /** Others have changed it: it is what they have made of it. */
  #lose(live: LiveStream, value: StreamValue | undefined): void {
    const { platform } = this.#parts;
    const { owner, stored } = live;
    this.#forget(live);
    owner?.cut(cancelled());
    const { row } = live;
    if (stored.id !== "" && value?.id === stored.id && value.status === "streaming") {
      // Its text was written over, and still it says that more will come.
      const left = this.#at(live.path);
      left.change({ type: "fail", error: INTERRUPTED }, () => this.newId());
      left.dirtySince = platform.now();
      left.row = row;
      this.#live.add(left);
      this.#clock.now();
      return;
    }
    if (row === undefined) return;
    try {
      this.#rows.remove(row);
    } catch (error) {
      platform.report(
        error,
        "A stream that has ended could not be crossed off; the next restore will",
      );
    }
  }

  #forget(live: LiveStream): void {
    live.dirtySince = undefined;
    this.#live.delete(live);
  }

  /** One that is written to already, or is about to be. */
  #at(path: Path): LiveStream {
    const value = this.#committed(path);
    const known = this.#find(value);
    if (known) {
      known.path = path;
      return known;
    }
    const { openStreams, valueBytes } = this.#parts.limits;
    if (this.#live.size >= openStreams) throw tooManyStreams(openStreams);
    return new LiveStream(path, value, valueBytes);
  }

  /** The one of a committed value. Without an id, it is told by the very node that stands there. */
  #find(value: StreamValue): LiveStream | undefined {
    return [...this.#live].find(({ stored, node }) =>
      value.id === "" ? node === value : stored.id === value.id,
    );
  }

  #committed(path: Path): StreamValue {
    const value = streamAt(this.#parts.tree.committed(), path);
    if (!value) throw noStream(path);
    return value;
  }
}

function isUnchanged(value: StreamValue, stored: StreamValue): boolean {
  // The text that was stored is the very same one: comparing it costs nothing.
  return (
    value.id === stored.id &&
    value.status === stored.status &&
    value.text === stored.text &&
    value.error === stored.error
  );
}

import { chunkFrame, HoldfastError, joinFrame, type Limits } from "@holdfast/protocol";
import { closeWith } from "./close.ts";
import type { Connection, ConnectionMeta } from "./connection.ts";
import { Flow } from "./flow.ts";
import type { News } from "./news.ts";
import type { Retelling } from "./view/retelling.ts";

/** Commits that are told together, up to `version`. */
export interface Commits {
  readonly version: number;
  /** As they are stored: what everybody is told, unless they are retold. */
  readonly commits: readonly string[];
  /** Where not everybody sees the same. */
  readonly retelling: Retelling | undefined;
}

/** Everybody who is connected to the instance, and the only place that sends to them. */
export class Audience {
  readonly #limits: Limits;
  readonly #flows = new Map<Connection, Flow>();
  /** Who speaks for a client: found at once, however many are connected. */
  readonly #speakers = new Map<string, readonly Connection[]>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @throws HoldfastError `TOO_MANY_SOCKETS` */
  add(connection: Connection): void {
    const { principal } = connection.meta;
    let sockets = 0;
    for (const other of this.#flows.keys()) if (other.meta.principal === principal) sockets++;
    if (sockets >= this.#limits.socketsPerPrincipal) {
      throw new HoldfastError(
        "TOO_MANY_SOCKETS",
        `This session has ${sockets} sockets open to this instance, which is the limit. Close other tabs of this page.`,
      );
    }
    this.#flows.set(connection, new Flow(this.#limits));
    this.#speak(connection);
  }

  remove(connection: Connection): void {
    this.#flows.delete(connection);
    this.#hush(connection);
  }

  /** The connection has said `hello`, or was given another state. */
  remember(connection: Connection, meta: ConnectionMeta): void {
    this.#hush(connection);
    connection.remember(meta);
    this.#speak(connection);
  }

  /** Nobody is connected. */
  get isEmpty(): boolean {
    return this.#flows.size === 0;
  }

  everybody(): Iterable<Connection> {
    return this.#flows.keys();
  }

  /** False for a connection that was refused or replaced, and is about to be gone. */
  has(connection: Connection): boolean {
    return this.#flows.has(connection);
  }

  /** Everybody who said `hello` for this client. */
  speakersFor(principal: string, client: string): readonly Connection[] {
    const speakers = this.#speakers.get(client) ?? NOBODY;
    // Another session may have made up the same id, for a client of its own.
    const areAll = speakers.every(({ meta }) => meta.principal === principal);
    return areAll ? speakers : speakers.filter(({ meta }) => meta.principal === principal);
  }

  seen(connection: Connection, version: number): void {
    this.#flows.get(connection)?.seen(version);
  }

  /**
   * Sends a frame that one connection asked for. It does not count as unseen: how much a client is
   * behind says nothing about how fast it reads.
   */
  answer(connection: Connection, texts: readonly string[]): void {
    if (texts.length === 0) return;
    for (const frame of chunkFrame(joinFrame(texts), this.#limits)) connection.send(frame);
  }

  /** The frames of those to whom more than the commits is said, each answer behind its commit. */
  address(news: readonly News[], retelling?: Retelling): Map<Connection, string[]> {
    const frames = new Map<Connection, string[]>();
    for (const one of news) {
      for (const connection of this.#receiversOf(one)) {
        if (!frames.has(connection)) frames.set(connection, retelling?.opening(connection) ?? []);
      }
    }
    let commits = 0;
    for (const one of news) {
      if (one.type === "commit") {
        const index = commits++;
        for (const [connection, texts] of frames) {
          const text = retelling ? retelling.commit(connection, index) : one.text;
          if (text !== undefined) texts.push(text);
        }
      } else {
        for (const connection of this.#receiversOf(one)) frames.get(connection)?.push(one.text);
      }
    }
    return frames;
  }

  #receiversOf(news: News): readonly Connection[] {
    switch (news.type) {
      case "commit":
        return NOBODY;
      case "event":
        return [...this.#flows.keys()].filter(({ meta }) => meta.clients !== undefined);
      case "answer":
        return this.speakersFor(news.sequence.principal, news.sequence.client);
      case "reply":
        return [news.connection];
    }
  }

  /**
   * Sends the commits to everybody who has said `hello`, except to those in `replies`, whose frames
   * hold them already, each with its answer behind it. `current` says whether a connection has the
   * state that the commits are made on; the others are left out.
   */
  broadcast(
    { version, commits, retelling }: Commits,
    replies: ReadonlyMap<Connection, readonly string[]>,
    current: (connection: Connection) => boolean,
  ): void {
    for (const [connection, texts] of replies) {
      this.#deliver(connection, version, cut(texts, this.#limits));
    }
    if (commits.length === 0) return;
    // The same text for all who see the same: joined and cut once.
    const frames = new Map<readonly string[], readonly string[]>();
    let own = cut(commits, this.#limits);
    for (const connection of this.#flows.keys()) {
      if (replies.has(connection) || !current(connection)) continue;
      if (retelling) own = this.#cutOnce(retelling.texts(connection), frames);
      this.#deliver(connection, version, own);
    }
  }

  #cutOnce(
    texts: readonly string[],
    known: Map<readonly string[], readonly string[]>,
  ): readonly string[] {
    let frames = known.get(texts);
    if (!frames) known.set(texts, (frames = cut(texts, this.#limits)));
    return frames;
  }

  #deliver(connection: Connection, version: number, frames: readonly string[]): void {
    const flow = this.#flows.get(connection);
    if (!flow) return;
    if (!flow.open) {
      this.remove(connection);
      closeWith(
        connection,
        new HoldfastError(
          "SLOW_READER",
          `More than ${this.#limits.unseenBytes} bytes are unread. The connection is too slow for what happens here; connect again to catch up.`,
        ),
      );
      return;
    }
    for (const frame of frames) {
      connection.send(frame);
      // Characters, not bytes: near enough for a bound, and free.
      flow.sent(version, frame.length);
    }
  }

  #speak(connection: Connection): void {
    for (const client of connection.meta.clients ?? []) {
      this.#speakers.set(client, [...(this.#speakers.get(client) ?? NOBODY), connection]);
    }
  }

  #hush(connection: Connection): void {
    for (const client of connection.meta.clients ?? []) {
      const others = (this.#speakers.get(client) ?? NOBODY).filter((one) => one !== connection);
      if (others.length > 0) this.#speakers.set(client, others);
      else this.#speakers.delete(client);
    }
  }
}

const NOBODY: readonly Connection[] = [];

function cut(texts: readonly string[], limits: Limits): readonly string[] {
  return texts.length === 0 ? [] : chunkFrame(joinFrame(texts), limits);
}

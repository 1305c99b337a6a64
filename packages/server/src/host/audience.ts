import { HoldfastError, type Limits, OutgoingFrame } from "@holdfast/protocol";
import { closeWith } from "./close.ts";
import type { Connection, ConnectionMeta } from "./connection.ts";
import { Flow, type FlowParts, type Told } from "./flow.ts";
import type { Recap, Stretch } from "./recap.ts";
import type { News } from "./news.ts";
import type { Platform } from "./platform.ts";
import type { Retelling } from "./view/retelling.ts";

/** Everybody who is connected to the instance, and the only place that sends to them. */
export class Audience {
  readonly #limits: Limits;
  readonly #recap: Recap;
  readonly #flowParts: FlowParts;
  readonly #flows = new Map<Connection, Flow>();
  /** Somebody does not belong to it any more. */
  onRemoved: (connection: Connection) => void = () => undefined;
  /** Who speaks for a client: found at once, however many are connected. */
  readonly #speakers = new Map<string, readonly Connection[]>();

  constructor(parts: {
    readonly limits: Limits;
    readonly platform: Platform;
    readonly recap: Recap;
  }) {
    this.#limits = parts.limits;
    this.#recap = parts.recap;
    this.#flowParts = {
      limits: parts.limits,
      platform: parts.platform,
      recap: parts.recap,
      onHolding: () => this.#boundHeld(),
      onStalled: (connection, error) => this.cutOff(connection, error),
    };
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
    this.#flows.set(connection, new Flow(connection, this.#flowParts));
    this.#speak(connection);
  }

  remove(connection: Connection): void {
    this.#flows.get(connection)?.end();
    const wasHere = this.#flows.delete(connection);
    this.#hush(connection);
    if (wasHere) this.onRemoved(connection);
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

  seen(connection: Connection, read: number): void {
    this.#flows.get(connection)?.seen(read);
  }

  /** Begins with what brings the connection to `version`, and the answers that it may have missed. */
  greet(connection: Connection, text: string, version: number, answers: readonly Told[]): void {
    this.#flows.get(connection)?.greet(text, version, answers);
  }

  /** Tells one connection, behind the commits that each text stands behind. */
  reply(connection: Connection, told: readonly Told[]): void {
    const { version } = this.#recap;
    const nothing = { from: version, to: version, texts: [] };
    const frameOf = (texts: readonly string[]): OutgoingFrame =>
      new OutgoingFrame(texts, this.#limits);
    this.#flows.get(connection)?.tell(nothing, told, frameOf);
  }

  /** Tells a connection what it can do without, if it keeps up; says whether it was told. */
  offer(connection: Connection, frame: string): boolean {
    return this.#flows.get(connection)?.offer(frame) === true;
  }

  /** The connection was greeted before a hibernation, and has everything up to `version`. */
  resume(connection: Connection, version: number): void {
    this.#flows.get(connection)?.resume(version);
  }

  /** Whether the text waits in memory for somebody to read it. */
  holds(text: string): boolean {
    for (const flow of this.#flows.values()) if (flow.held.includes(text)) return true;
    return false;
  }

  /**
   * Tells what has become durable: commits to everybody, the rest to whom it concerns.
   *
   * @param retelling where not everybody sees the same
   */
  tell(news: readonly News[], commits: readonly string[], retelling: Retelling | undefined): void {
    const to = this.#recap.version;
    const from = to - commits.length;
    const addressed = this.#address(news, from);
    // The same text for all who see the same: joined once.
    const frames = new Map<readonly string[], OutgoingFrame>();
    const share = (texts: readonly string[]): OutgoingFrame => {
      let frame = frames.get(texts);
      if (!frame) frames.set(texts, (frame = new OutgoingFrame(texts, this.#limits)));
      return frame;
    };
    const stretchFor = (connection: Connection): Stretch => {
      return { from, to, texts: retelling ? retelling.texts(connection) : commits };
    };
    for (const [connection, told] of addressed) {
      this.#flows.get(connection)?.tell(stretchFor(connection), told, share);
    }
    if (commits.length === 0) return;
    for (const [connection, flow] of this.#flows) {
      if (!flow.isGreeted || addressed.has(connection)) continue;
      flow.tell(stretchFor(connection), undefined, share);
    }
  }

  /** What is said to whom beside commits, and behind which commit. */
  #address(news: readonly News[], from: number): Map<Connection, Told[]> {
    const addressed = new Map<Connection, Told[]>();
    let after = from;
    for (const one of news) {
      if (one.type === "commit") after++;
      if (one.type === "commit" || one.type === "after") continue;
      for (const connection of this.#receiversOf(one)) {
        const told = { after, text: one.text };
        const others = addressed.get(connection);
        if (others) others.push(told);
        else addressed.set(connection, [told]);
      }
    }
    return addressed;
  }

  #receiversOf(news: Exclude<News, { type: "commit" | "after" }>): readonly Connection[] {
    switch (news.type) {
      case "event":
        return [...this.#flows].flatMap(([connection, { isGreeted }]) =>
          isGreeted && news.to?.(connection) !== false ? [connection] : [],
        );
      case "answer":
        return this.speakersFor(news.sequence.principal, news.sequence.client);
      case "reply":
        return [news.connection];
    }
  }

  /** Large frames that are read slowly may not fill the memory; a text that many wait for counts once. */
  #boundHeld(): void {
    const holding = [...this.#flows].filter(([, { held }]) => held.length > 0);
    const texts = new Set<string>();
    let characters = 0;
    // The newest first: those who have had the longest time to read give way.
    for (const [connection, flow] of holding.toReversed()) {
      const others = texts.size;
      for (const text of flow.held) {
        if (texts.has(text)) continue;
        texts.add(text);
        characters += text.length;
      }
      if (others === 0 || characters <= this.#limits.heldBytes) continue;
      for (const text of flow.held) if (texts.delete(text)) characters -= text.length;
      this.cutOff(connection, tooMuchHeld());
    }
  }

  /** Closes a connection that cannot go on; it may come back. */
  cutOff(connection: Connection, error: HoldfastError): void {
    this.remove(connection);
    closeWith(connection, error);
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

function tooMuchHeld(): HoldfastError {
  return new HoldfastError(
    "SLOW_READER",
    "Too many connections read large states slowly, and this one has had the longest time for it. Connect again to catch up.",
  );
}

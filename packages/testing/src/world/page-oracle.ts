import {
  type AckMessage,
  decodeServerFrame,
  type Limits,
  PONG_FRAME,
  type RejectMessage,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import { boardText } from "./board-text.ts";
import { FrameReader } from "./frame-reader.ts";
import { type Foretold, foretell } from "./predictions.ts";
import type { ServerHistory, Version } from "./server-history.ts";

/** What a page shows. */
export interface Shown {
  readonly restored: boolean;
  readonly state: unknown;
  readonly pending: number;
}

/**
 * Follows what one page is told, by the rules of the wire, and says what it must show: the version
 * of the server's history that it was brought to, and its own pending predictions on top.
 */
export class PageOracle {
  readonly #history: ServerHistory;
  readonly #limits: Limits;
  readonly #breach: (what: string) => void;
  /** Of the store at hand: a page that left and came back has another. */
  #client = "";
  #confirmed: Version | undefined;
  /** What the page came with, and goes back to where it has nothing newer. */
  #rendered: Version | undefined;
  #pending: readonly Foretold[] = [];
  #computed: { confirmed: Version; pending: readonly Foretold[]; text: string } | undefined;
  #isGreeted = false;
  #reader: FrameReader;
  #before: { shown: unknown; text: string; pendings: number } | undefined;
  #mustStay: string | undefined;

  constructor(history: ServerHistory, limits: Limits, breach: (what: string) => void) {
    this.#history = history;
    this.#limits = limits;
    this.#breach = breach;
    this.#reader = new FrameReader(limits);
  }

  get confirmed(): Version | undefined {
    return this.#confirmed;
  }

  /** The page came rendered with this. */
  rendered(text: string): void {
    for (const message of decodeServerFrame(text, this.#limits)) {
      if (message.type !== "snapshot") continue;
      const { epoch, version, mark, state } = message;
      this.#moveTo(epoch, version, mark, state);
    }
    this.#rendered = this.#confirmed;
  }

  /** The page has a new store, which knows what the page came with. */
  begin(client: string): void {
    this.#client = client;
    this.#confirmed = this.#rendered;
    this.#pending = [];
    this.#before = undefined;
    this.disconnect();
  }

  /** The page shows nothing any more but what it came with, and nobody misses it. */
  forget(): void {
    this.#confirmed = this.#rendered;
    this.#before = undefined;
  }

  /** The page has another link, or none. */
  disconnect(): void {
    this.#isGreeted = false;
    this.#reader = new FrameReader(this.#limits);
  }

  dispatched(action: Foretold): void {
    this.#pending = [...this.#pending, action];
  }

  /** A frame is about to reach the page. */
  receive(text: string): void {
    if (text === PONG_FRAME) return;
    const messages = this.#read(text);
    this.#mustStay =
      messages.length > 0 && messages.every(({ type }) => type === "ack")
        ? "[G8] An ack alone changes what is shown"
        : undefined;
    let isGreeting = this.#isGreeted;
    for (const message of messages) {
      if (message.type === "snapshot" || message.type === "resume") isGreeting = true;
      this.#take(message, isGreeting);
    }
    this.#isGreeted = isGreeting;
  }

  /** Holds what the page shows against what it must show. */
  verify({ restored, state, pending }: Shown): void {
    if (pending !== this.#pending.length) {
      this.#breach(
        `The page says that ${pending} actions are pending, and ${this.#pending.length} are`,
      );
    }
    if (!restored || !this.#confirmed) {
      if (restored !== (this.#confirmed !== undefined)) {
        this.#breach(
          `[G6] A state is ${restored ? "" : "not "}shown against what the page was told`,
        );
      }
      return;
    }
    const expected = this.#expected(this.#confirmed);
    const before = this.#before;
    if (before?.shown !== state && boardText(state) !== expected) {
      this.#breach(
        `[G6] [G8] Shown at version ${this.#confirmed.version}: ${boardText(state)} instead of ${expected}`,
      );
    } else if (before && before.shown === state && before.text !== expected) {
      this.#breach(`[G6] [G8] Still shown: ${before.text} instead of ${expected}`);
    } else if (before && before.shown !== state) {
      if (this.#mustStay) this.#breach(this.#mustStay);
      if (before.text === expected && before.pendings > 0) {
        this.#breach("[G8] A prediction that came true changes the identity of what is shown");
      }
    }
    this.#mustStay = undefined;
    const pendings = this.#pending.filter(({ foresight }) => foresight !== "none").length;
    this.#before = { shown: state, text: expected, pendings };
  }

  #read(text: string): readonly ServerMessage[] {
    try {
      return this.#reader.receive(text);
    } catch (error) {
      this.#breach(`A frame cannot be read: ${String(error)} ${text}`);
      return [];
    }
  }

  #expected(confirmed: Version): string {
    const pending = this.#pending;
    if (pending.every(({ foresight }) => foresight === "none")) return confirmed.text;
    if (this.#computed?.confirmed !== confirmed || this.#computed.pending !== pending) {
      const text = boardText(foretell(confirmed.state, pending));
      this.#computed = { confirmed, pending, text };
    }
    return this.#computed.text;
  }

  #take(message: ServerMessage, isGreeting: boolean): void {
    switch (message.type) {
      case "snapshot": {
        const { epoch, version, mark, state } = message;
        this.#moveTo(epoch, version, mark, state);
        return;
      }
      case "resume":
        for (const { version, mark } of message.commits) this.#follow(version, mark);
        if (!this.#confirmed) this.#breach("[G9] A page that has nothing is told to resume");
        return;
      case "commit":
        // Before the answer to `hello` it says nothing that the answer will not say.
        if (isGreeting) this.#follow(message.version, message.mark);
        return;
      case "ack":
      case "reject":
        this.#answered(message);
        return;
      case "received":
      case "busy":
      case "gap":
      case "error":
      case "chunk":
        return;
    }
  }

  #follow(version: number, mark: string): void {
    const confirmed = this.#confirmed;
    if (!confirmed || version !== confirmed.version + 1) {
      this.#breach(`[G6] Version ${version} is sent to a page at ${confirmed?.version}`);
      return;
    }
    this.#moveTo(confirmed.epoch, version, mark, undefined);
  }

  #moveTo(epoch: string, version: number, mark: string, state: Value | undefined): void {
    const found = this.#history.find(epoch, version, mark);
    if (!found) {
      this.#breach(`[G6] Version ${epoch}/${version}/${mark} is sent and was never committed`);
      return;
    }
    if (state !== undefined && boardText(state) !== found.text) {
      this.#breach(`[G6] The snapshot of version ${version} is not what was committed`);
    }
    this.#confirmed = found;
  }

  #answered(message: AckMessage | RejectMessage): void {
    if (message.client !== this.#client) return;
    if (message.type === "ack" && message.version > (this.#confirmed?.version ?? -1)) {
      this.#breach(`An ack names version ${message.version}, which the page has not got`);
    }
    this.#pending = this.#pending.filter(({ seq }) => seq !== message.seq);
  }
}

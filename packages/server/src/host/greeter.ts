import {
  CloseCode,
  encodeAnswer,
  type HelloMessage,
  HoldfastError,
  PROTOCOL_VERSION,
} from "@holdfast/protocol";
import type { Journal } from "../storage/journal.ts";
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import type { Told } from "./flow.ts";
import type { Recap, Snapshot } from "./recap.ts";
import { publishedText } from "./intake.ts";
import type { Sequences } from "./sequences.ts";
import { knowsLiveText } from "./stream/live-text.ts";
import type { Streams } from "./stream/streams.ts";
import type { View } from "./view/view.ts";
import type { Views } from "./view/views.ts";

/** What a greeter works with. */
export interface GreeterParts {
  readonly journal: Journal;
  readonly sequences: Sequences;
  readonly audience: Audience;
  readonly recap: Recap;
  readonly views: Views;
  readonly streams: Streams;
}

const NOTHING_MISSED = `{"type":"resume","commits":[]}`;

/** Gives connections what they lack of the state, and knows which of them have it. */
export class Greeter {
  readonly #parts: GreeterParts;
  constructor(parts: GreeterParts) {
    this.#parts = parts;
  }

  /** One frame: what the client lacks of the state, and what it may not know of its own actions. */
  greet(connection: Connection, hello: HelloMessage, last?: string): void {
    const { sequences, audience, recap } = this.#parts;
    const { principal } = connection.meta;
    const clients = hello.clients.map(({ id }) => id);
    this.#replace(principal, clients, connection);
    const view = this.#parts.views.of(connection);
    const told: Told[] = [];
    for (const { id, settled } of hello.clients) {
      let latest = 0;
      for (const [seq, answer] of sequences.missed(principal, id, settled)) {
        // A refusal has no commit: it stands behind what was done before it, not in front.
        const after = answer.type === "ack" ? answer.version : latest;
        latest = Math.max(latest, after);
        told.push({ after, text: encodeAnswer(id, seq, answer) });
      }
      for (const seq of sequences.published(principal, id)) {
        told.push({ after: 0, text: publishedText(id, seq) });
      }
    }
    if (last !== undefined) told.push({ after: 0, text: last });
    if (knowsLiveText(hello)) {
      for (const text of this.#parts.streams.told(view)) told.push({ after: 0, text });
    }
    const resume = this.#resume(hello, view);
    const isNews = resume !== undefined && this.isCurrent(connection);
    const settled = hello.clients.map((client) => client.settled);
    if (hello.protocol < PROTOCOL_VERSION) {
      audience.remember(connection, { ...connection.meta, protocol: hello.protocol });
    }
    this.#remember(connection, clients, settled);
    if (isNews) {
      // It was greeted before: every commit since was sent to it, or is about to be.
      audience.reply(connection, [{ after: 0, text: NOTHING_MISSED }, ...told]);
    } else {
      const { text, version } = resume ?? recap.latestSnapshot(view);
      audience.greet(connection, text, version, told);
    }
  }

  /**
   * A socket may outlive the code that greeted it; what it holds may then have another shape.
   *
   * @param version what was restored: what was committed since, it has not been told
   */
  welcomeBack(connection: Connection, version: number): void {
    const { clients, behind } = connection.meta;
    const { audience, recap, views } = this.#parts;
    if (!clients) return;
    if (behind) {
      audience.cutOff(connection, placeLost());
    } else if (this.isCurrent(connection)) {
      audience.resume(connection, version);
    } else {
      this.#remember(connection, clients, connection.meta.settled);
      const snapshot = recap.latestSnapshot(views.of(connection));
      audience.greet(connection, snapshot.text, snapshot.version, []);
    }
  }

  /** What its view depends on has changed: what it sees, it is given anew if that is something else. */
  seeAgain(connection: Connection): void {
    const { audience, recap, views } = this.#parts;
    const { clients, settled } = connection.meta;
    if (views.areWhole || !clients || !audience.has(connection)) return;
    views.forget(connection);
    try {
      if (this.isCurrent(connection)) return;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      audience.cutOff(connection, error);
      return;
    }
    if (connection.meta.behind) {
      audience.cutOff(connection, placeLost());
      return;
    }
    this.#remember(connection, clients, settled);
    const snapshot = recap.latestSnapshot(views.of(connection));
    audience.greet(connection, snapshot.text, snapshot.version, []);
  }

  /** False before the `hello`, and for a socket that outlived the code or history it was given. */
  isCurrent(connection: Connection): boolean {
    const { epoch, schema } = connection.meta;
    const { journal, views } = this.#parts;
    return epoch === journal.epoch && schema === views.of(connection).schema;
  }

  /**
   * A client speaks through its newest link only. An action that an older one still brings would be
   * answered there, and its commit would reach the page without the answer: shown twice (G8).
   */
  #replace(principal: string, clients: readonly string[], newest: Connection): void {
    const { audience } = this.#parts;
    for (const older of clients.flatMap((id) => audience.speakersFor(principal, id))) {
      if (older === newest || !audience.has(older)) continue;
      audience.remove(older);
      older.close(CloseCode.normal, "Replaced by a newer connection");
    }
  }

  #remember(
    connection: Connection,
    clients: readonly string[],
    settled: readonly number[] = [],
  ): void {
    const { audience, journal, views } = this.#parts;
    const { epoch } = journal;
    const { schema } = views.of(connection);
    audience.remember(connection, { ...connection.meta, clients, settled, epoch, schema });
  }

  #resume(hello: HelloMessage, view: View): Snapshot | undefined {
    const { epoch, version, mark, schema } = hello;
    if (epoch === undefined || version === undefined || mark === undefined) return undefined;
    if (schema !== view.schema) return undefined;
    const stretch = this.#parts.recap.resume(view, { epoch, version, mark });
    if (!stretch) return undefined;
    // The stored texts are the messages' own: they are joined, not encoded again.
    const text = `{"type":"resume","commits":[${stretch.texts.join(",")}]}`;
    return { version: stretch.to, text };
  }
}

function placeLost(): HoldfastError {
  return new HoldfastError(
    "SLOW_READER",
    "The server has forgotten how far this connection had read. Connect again to catch up.",
  );
}

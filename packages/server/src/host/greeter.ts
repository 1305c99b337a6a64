import { CloseCode, encodeAnswer, encodeMessage, type HelloMessage } from "@holdfast/protocol";
import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import { publishedText } from "./intake.ts";
import type { Sequences } from "./sequences.ts";

/** What a greeter works with. */
export interface GreeterParts {
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly sequences: Sequences;
  readonly audience: Audience;
  /** Of the state as the code at hand shapes it. */
  readonly schema: string;
}

/** Gives connections what they lack of the state, and knows which of them have it. */
export class Greeter {
  readonly #parts: GreeterParts;
  /** The snapshot message of one version, for clients that connect one after another. */
  #snapshot: { readonly version: number; readonly text: string } | undefined;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
  }

  /** One frame: what the client lacks of the state, and what it may not know of its own actions. */
  greet(connection: Connection, hello: HelloMessage): void {
    const { sequences, audience } = this.#parts;
    const { principal } = connection.meta;
    const clients = hello.clients.map(({ id }) => id);
    this.#replace(principal, clients, connection);
    const texts = [this.#resume(hello) ?? this.#takeSnapshot()];
    for (const { id, settled } of hello.clients) {
      for (const [seq, answer] of sequences.missed(principal, id, settled)) {
        texts.push(encodeAnswer(id, seq, answer));
      }
      for (const seq of sequences.published(principal, id)) texts.push(publishedText(id, seq));
    }
    this.#remember(connection, clients);
    audience.answer(connection, texts);
  }

  /** A socket may outlive the code that greeted it; what it holds may then have another shape. */
  welcomeBack(connection: Connection): void {
    const { clients } = connection.meta;
    if (!clients || this.isCurrent(connection)) return;
    this.#remember(connection, clients);
    this.#parts.audience.answer(connection, [this.#takeSnapshot()]);
  }

  /** False before the `hello`, and for a socket that outlived the code or history it was given. */
  isCurrent(connection: Connection): boolean {
    const { epoch, schema } = connection.meta;
    return epoch === this.#parts.journal.epoch && schema === this.#parts.schema;
  }

  /** The state has changed: what is kept of it is of no more use. */
  forgetSnapshot(): void {
    this.#snapshot = undefined;
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

  #remember(connection: Connection, clients: readonly string[]): void {
    const { audience, journal, schema } = this.#parts;
    const { epoch } = journal;
    audience.remember(connection, { ...connection.meta, clients, epoch, schema });
  }

  #resume({ epoch, version, mark, schema }: HelloMessage): string | undefined {
    if (epoch === undefined || version === undefined || mark === undefined) return undefined;
    if (schema !== this.#parts.schema) return undefined;
    const commits = this.#parts.journal.resume({ epoch, version, mark });
    // The stored texts are the messages' own: they are joined, not encoded again.
    return commits && `{"type":"resume","commits":[${commits.join(",")}]}`;
  }

  #takeSnapshot(): string {
    const { epoch, version, mark } = this.#parts.journal;
    if (this.#snapshot?.version !== version) {
      const { schema, tree } = this.#parts;
      const state = tree.committed();
      const text = encodeMessage({ type: "snapshot", epoch, version, mark, schema, state });
      this.#snapshot = { version, text };
    }
    return this.#snapshot.text;
  }
}

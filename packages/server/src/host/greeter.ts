import { CloseCode, encodeAnswer, encodeMessage, type HelloMessage } from "@holdfast/protocol";
import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import { publishedText } from "./intake.ts";
import type { Sequences } from "./sequences.ts";
import { retellAll } from "./view/retelling.ts";
import type { View } from "./view/view.ts";
import type { Views } from "./view/views.ts";

/** What a greeter works with. */
export interface GreeterParts {
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly sequences: Sequences;
  readonly audience: Audience;
  readonly views: Views;
}

/** Gives connections what they lack of the state, and knows which of them have it. */
export class Greeter {
  readonly #parts: GreeterParts;
  /** The snapshot messages of one version, for clients that connect one after another. */
  readonly #snapshots = new Map<View, string>();
  #snapshotVersion = 0;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
  }

  /** One frame: what the client lacks of the state, and what it may not know of its own actions. */
  greet(connection: Connection, hello: HelloMessage, last?: string): void {
    const { sequences, audience } = this.#parts;
    const { principal } = connection.meta;
    const clients = hello.clients.map(({ id }) => id);
    this.#replace(principal, clients, connection);
    const view = this.#parts.views.of(connection);
    const texts = [this.#resume(hello, view) ?? this.snapshot(view)];
    for (const { id, settled } of hello.clients) {
      for (const [seq, answer] of sequences.missed(principal, id, settled)) {
        texts.push(encodeAnswer(id, seq, answer));
      }
      for (const seq of sequences.published(principal, id)) texts.push(publishedText(id, seq));
    }
    if (last !== undefined) texts.push(last);
    this.#remember(connection, clients);
    audience.answer(connection, texts);
  }

  /**
   * A socket may outlive the code that greeted it; what it holds may then have another shape.
   *
   * @param begun the commits that were made as the instance came into memory: nobody else tells them
   */
  welcomeBack(connection: Connection, begun: readonly string[]): void {
    const { audience, tree, views } = this.#parts;
    const { clients } = connection.meta;
    if (!clients) return;
    const view = views.of(connection);
    if (this.isCurrent(connection)) {
      const texts = retellAll(begun, view, () => tree.committed());
      audience.answer(connection, texts ?? [this.snapshot(view)]);
      return;
    }
    this.#remember(connection, clients);
    audience.answer(connection, [this.snapshot(view)]);
  }

  /** False before the `hello`, and for a socket that outlived the code or history it was given. */
  isCurrent(connection: Connection): boolean {
    const { epoch, schema } = connection.meta;
    const { journal, views } = this.#parts;
    return epoch === journal.epoch && schema === views.of(connection).schema;
  }

  /** The message that gives the state as of now, as it is seen in one view. */
  snapshot(view: View): string {
    const { journal, tree } = this.#parts;
    const { epoch, version, mark } = journal;
    if (this.#snapshotVersion !== version) this.forgetSnapshot();
    this.#snapshotVersion = version;
    let text = this.#snapshots.get(view);
    if (text === undefined) {
      const { schema } = view;
      const state = view.see(tree.committed());
      text = encodeMessage({ type: "snapshot", epoch, version, mark, schema, state });
      this.#snapshots.set(view, text);
    }
    return text;
  }

  /** The state has changed: what is kept of it is of no more use. */
  forgetSnapshot(): void {
    this.#snapshots.clear();
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
    const { audience, journal, views } = this.#parts;
    const { epoch } = journal;
    const { schema } = views.of(connection);
    audience.remember(connection, { ...connection.meta, clients, epoch, schema });
  }

  #resume(hello: HelloMessage, view: View): string | undefined {
    const { epoch, version, mark, schema } = hello;
    if (epoch === undefined || version === undefined || mark === undefined) return undefined;
    if (schema !== view.schema) return undefined;
    const { journal, tree } = this.#parts;
    const commits = journal.resume({ epoch, version, mark });
    const texts = commits && retellAll(commits, view, () => tree.committed());
    // The stored texts are the messages' own: they are joined, not encoded again.
    return texts && `{"type":"resume","commits":[${texts.join(",")}]}`;
  }
}

import {
  CloseCode,
  encodeAnswer,
  encodeMessage,
  type HelloMessage,
  HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import { PORTION_CHARACTERS, type Told } from "./flow.ts";
import type { News } from "./news.ts";
import type { Sequences } from "./sequences.ts";

/** What a greeter works with. */
export interface GreeterParts {
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly sequences: Sequences;
  readonly audience: Audience;
  readonly limits: Limits;
  /** Of the state as the code at hand shapes it. */
  readonly schema: string;
}

/** Gives connections what they lack of the state, and knows which of them have it. */
export class Greeter {
  readonly #parts: GreeterParts;
  /** The snapshot message of one version, for clients that connect one after another. */
  #snapshot: Greeting | undefined;
  /** Characters of the commits since. */
  #since = 0;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
  }

  /** One frame: what the client lacks of the state, and what it may not know of its own actions. */
  greet(connection: Connection, hello: HelloMessage): void {
    const { sequences, audience } = this.#parts;
    const { principal } = connection.meta;
    const clients = hello.clients.map(({ id }) => id);
    this.#replace(principal, clients, connection);
    const told: Told[] = [];
    for (const { id, settled } of hello.clients) {
      for (const [seq, answer] of sequences.missed(principal, id, settled)) {
        const after = answer.type === "ack" ? answer.version : 0;
        told.push({ after, text: encodeAnswer(id, seq, answer) });
      }
    }
    const { text, version } = this.#resume(hello) ?? this.#takeSnapshot();
    this.#remember(connection, clients);
    audience.greet(connection, text, version, told);
  }

  /** A socket may outlive the code that greeted it; what it holds may then have another shape. */
  welcomeBack(connection: Connection): void {
    const { clients, behind } = connection.meta;
    const { audience } = this.#parts;
    if (!clients) return;
    if (behind) {
      audience.cutOff(connection, placeLost());
    } else if (this.isCurrent(connection)) {
      audience.resume(connection);
    } else {
      this.#remember(connection, clients);
      const { text, version } = this.#takeSnapshot();
      audience.greet(connection, text, version, []);
    }
  }

  /** False before the `hello`, and for a socket that outlived the code or history it was given. */
  isCurrent(connection: Connection): boolean {
    const { epoch, schema } = connection.meta;
    return epoch === this.#parts.journal.epoch && schema === this.#parts.schema;
  }

  /**
   * The state has changed: a snapshot is of no more use. Only a large one, which somebody is reading
   * still, stays: it is in memory anyway, and whoever comes is given the same one and the commits
   * behind it. So however many read at whatever pace, there are hardly ever two of them.
   */
  committed(news: readonly News[]): void {
    const snapshot = this.#snapshot;
    const commits = news.filter(({ type }) => type === "commit");
    if (!snapshot || commits.length === 0) return;
    const { audience, limits } = this.#parts;
    if (snapshot.text.length <= limits.frameOutBytes || !audience.holds(snapshot.text)) {
      this.#snapshot = undefined;
    }
    for (const { text } of commits) this.#since += text.length;
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

  /** The first of the commits that the client lacks; the others follow at the pace of its reading. */
  #resume({ epoch, version, mark, schema }: HelloMessage): Greeting | undefined {
    if (epoch === undefined || version === undefined || mark === undefined) return undefined;
    if (schema !== this.#parts.schema) return undefined;
    const commits = this.#parts.journal.resume({ epoch, version, mark }, PORTION_CHARACTERS);
    if (!commits) return undefined;
    // The stored texts are the messages' own: they are joined, not encoded again.
    const text = `{"type":"resume","commits":[${commits.join(",")}]}`;
    return { version: version + commits.length, text };
  }

  #takeSnapshot(): Greeting {
    const { epoch, version, mark } = this.#parts.journal;
    const kept = this.#snapshot;
    if (kept && (kept.version === version || this.#isOfUse(kept))) return kept;
    const { schema, tree } = this.#parts;
    const state = tree.committed();
    const text = encodeMessage({ type: "snapshot", epoch, version, mark, schema, state });
    this.#since = 0;
    return (this.#snapshot = { version, text });
  }

  /** The journal has what follows it, and that is little beside another snapshot. */
  #isOfUse({ version, text }: Greeting): boolean {
    const { epoch } = this.#parts.journal;
    const isKept = this.#parts.journal.resume({ epoch, version, mark: undefined }, 0) !== undefined;
    return isKept && this.#since < text.length / 2;
  }
}

/** What the answer to `hello` begins with, and the version that it brings the client to. */
interface Greeting {
  readonly version: number;
  readonly text: string;
}

function placeLost(): HoldfastError {
  return new HoldfastError(
    "SLOW_READER",
    "The server has forgotten how far this connection had read. Connect again to catch up.",
  );
}

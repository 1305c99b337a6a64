import {
  type AbsentMessage,
  decodeValue,
  encodeValue,
  exceedsBytes,
  type Limits,
  type PresenceMessage,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { PresentUser } from "../module/present-user.ts";
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import type { Platform } from "./platform.ts";

/** What presence works with. */
export interface PresenceParts {
  readonly module: ModuleDefinition;
  readonly audience: Audience;
  readonly platform: Platform;
  readonly limits: Limits;
}

/** 72 random bits. */
const ID_CHARACTERS = 12;
/** Of so many at most a frame speaks: each is small, and all of them are a frame's worth. */
const MOST_PER_MESSAGE = 200;

/**
 * What connections show of their users to each other. It lives in their sockets' attachments, in no
 * state, and goes with them. The newest of each is told, together, once in a while: however often
 * somebody moves, nobody is told more often than that.
 */
export class Presence {
  readonly #parts: PresenceParts;
  /** What is to be told: what is shown, as text, or no more. */
  readonly #changed = new Map<string, string | undefined>();
  #isPaused = false;
  #isOver = false;
  #hasWarned = false;

  /** They have been taken back: closed from here, their end may be heard of much later. */
  readonly #gone = new WeakSet<Connection>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    parts.audience.onRemoved = (connection) => this.left(connection);
  }

  receive(connection: Connection, message: PresenceMessage | AbsentMessage): void {
    const { module, platform } = this.#parts;
    if (!module.presence) return;
    if (message.type === "absent") {
      const { presence: _, ...meta } = connection.meta;
      this.#takeBack(connection);
      connection.remember(meta);
      return;
    }
    const text = this.#accepted(message);
    if (text === null) return;
    const before = connection.meta.presence;
    const { text: shown, ...own } = before ?? { id: platform.token(ID_CHARACTERS) };
    const presence = text === undefined ? own : { ...own, text };
    connection.remember({ ...connection.meta, presence });
    if (!before) this.#tellAll(connection);
    if (shown === text) return;
    this.#changed.set(own.id, text);
    if (!this.#isPaused) this.#tell();
  }

  /** The connection has read something. */
  seen(connection: Connection): void {
    if (connection.meta.presence?.missed) this.#tellAll(connection);
  }

  /** The connection is back in memory; what it missed it is told when all the others are, too. */
  welcomeBack(connection: Connection): void {
    const { audience, platform } = this.#parts;
    if (!connection.meta.presence?.missed) return;
    platform.after(0, () => {
      if (audience.has(connection)) this.seen(connection);
    });
  }

  /** Another host goes on with the connections: from here they are told nothing more. */
  end(): void {
    this.#isOver = true;
    missPresence(this.#parts.audience.everybody());
  }

  /** The connection is gone, or about to be. */
  left(connection: Connection): void {
    if (this.#gone.has(connection)) return;
    this.#gone.add(connection);
    this.#takeBack(connection);
  }

  /**
   * It may be cut off while others are told of a commit, or are being taken in: what is offered then
   * they could not be told of yet. So it is told behind that, when everybody is level who ever will be.
   */
  #takeBack(connection: Connection): void {
    const { presence } = connection.meta;
    if (presence?.text === undefined) return;
    this.#changed.set(presence.id, undefined);
    if (!this.#isPaused) this.#pause(0);
  }

  /** What is shown by whom, for actions. */
  all(): PresentUser[] {
    const all: PresentUser[] = [];
    for (const { meta } of this.#parts.audience.everybody()) {
      if (meta.presence?.text === undefined) continue;
      const { id, text } = meta.presence;
      const { user, session } = meta;
      all.push({ id, user, session: { id: session }, value: decodeValue(text) });
    }
    return all;
  }

  /** As text; `undefined` for nothing, `null` for what cannot be taken. */
  #accepted({ value }: PresenceMessage): string | undefined | null {
    const { module, limits } = this.#parts;
    if (value === undefined) return undefined;
    const { schema } = module.presence ?? {};
    const checked = schema ? schema["~standard"].validate(value) : { value };
    if (checked instanceof Promise || checked.issues) {
      return this.#refuse("does not fit its schema; those are synchronous");
    }
    const text = encodeValue(checked.value, ["presence"]);
    if (!exceedsBytes(text, limits.presenceBytes)) return text;
    return this.#refuse(`is larger than ${limits.presenceBytes} bytes`);
  }

  /** Nobody waits for an answer, and a page that is newer or older than the server is no attack. */
  #refuse(why: string): null {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#parts.platform.warn(`presence that ${why} is not taken. This is said once.`);
    }
    return null;
  }

  #tell(): void {
    const { audience, limits } = this.#parts;
    const texts = presentTexts([...this.#changed]);
    const only = this.#changed.size === 1 ? [...this.#changed.keys()][0] : undefined;
    this.#changed.clear();
    for (const connection of audience.everybody()) {
      const { presence } = connection.meta;
      if (!presence || presence.id === only || presence.missed) continue;
      this.#offer(connection, texts);
    }
    this.#pause(limits.presenceEveryMs);
  }

  #pause(ms: number): void {
    this.#isPaused = true;
    this.#parts.platform.after(ms, () => {
      this.#isPaused = false;
      if (this.#changed.size > 0) this.#tell();
    });
  }

  #tellAll(connection: Connection): void {
    const { audience } = this.#parts;
    const entries: Entry[] = [];
    for (const { meta } of audience.everybody()) {
      if (meta.presence?.text !== undefined) entries.push([meta.presence.id, meta.presence.text]);
    }
    this.#offer(connection, presentTexts(entries, connection.meta.presence?.id));
  }

  #offer(connection: Connection, texts: readonly string[]): void {
    const { audience } = this.#parts;
    const isTold = !this.#isOver && texts.every((text) => audience.offer(connection, text));
    markMissed(connection, !isTold);
  }
}

/**
 * Something of presence has come to an end, or is lost, and who takes part was not told: whoever is
 * their host next tells them all of it anew.
 */
export function missPresence(connections: Iterable<Connection>): void {
  for (const connection of connections) markMissed(connection, true);
}

/** Kept with the socket: memory may be lost before it can be told. */
function markMissed(connection: Connection, missed: boolean): void {
  const { presence } = connection.meta;
  if (!presence || (presence.missed ?? false) === missed) return;
  const { missed: _, ...own } = presence;
  connection.remember({ ...connection.meta, presence: missed ? { ...own, missed } : own });
}

type Entry = readonly [id: string, text: string | undefined];

/** As messages. @param you makes the first of them begin anew */
function presentTexts(entries: readonly Entry[], you?: string): string[] {
  const texts: string[] = [];
  for (let from = 0; from < entries.length || texts.length === 0; from += MOST_PER_MESSAGE) {
    const others = entries
      .slice(from, from + MOST_PER_MESSAGE)
      .map(([id, text]) => `{"id":"${id}"${text === undefined ? "" : `,"value":${text}`}}`);
    const begin = you !== undefined && from === 0 ? `,"you":"${you}"` : "";
    texts.push(`{"type":"present","others":[${others.join(",")}]${begin}}`);
  }
  return texts;
}

import {
  CloseCode,
  encodeAnswer,
  encodeMessage,
  encodeValue,
  type HelloMessage,
  HoldfastError,
  type Limits,
  OutgoingFrame,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../../module/definition.ts";
import { parsePlace, type Place } from "../../module/place.ts";
import type { StateTree } from "../../state/state-tree.ts";
import type { Journal } from "../../storage/journal.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarms } from "../alarms.ts";
import type { Audience } from "../audience.ts";
import type { Committer } from "../commit.ts";
import type { Connection, ConnectionIdentity } from "../connection.ts";
import type { News } from "../news.ts";
import type { Platform } from "../platform.ts";
import type { Sequence, Sequences } from "../sequences.ts";
import type { Turn } from "../turn.ts";
import { Adopter } from "./adopter.ts";
import { Departures } from "./departures.ts";
import { type KeyMove, KeyWatch } from "./key-watch.ts";
import { Leaver } from "./leaver.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome, MovePort } from "./move.ts";
import { SessionPlace } from "./session-place.ts";

/** A connect is held no longer than this; then its client is told to come back. */
const HOLD_MS = 10_000;

/** Where a connection belongs. */
export type Whereabouts =
  | { readonly type: "here"; readonly generation: number }
  | { readonly type: "elsewhere"; readonly key: string; readonly generation: number }
  /** The session has moved since somebody looked: look again. */
  | { readonly type: "again" };

/** What the moves of an instance are made of. */
export interface MovesParts {
  readonly module: ModuleDefinition;
  readonly watch: KeyWatch;
  readonly place: Place;
  readonly port: MovePort;
  readonly sql: SqlPort;
  readonly journal: Journal;
  readonly tree: StateTree;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly sequences: Sequences;
  readonly committer: Committer;
  readonly turn: Turn;
  readonly audience: Audience;
  readonly limits: Limits;
  readonly tell: (news: readonly News[]) => void;
  /** A move of the session whose own instance this is has come to its end, whatever that is. */
  readonly onPlaced: () => void;
  /** Somebody asks the session's own instance for it. */
  readonly onAsked: () => void;
  /** The asynchronous actions of a client that have started and are not over. */
  readonly started: (principal: string, client: string) => readonly number[];
}

/** How sessions come to this instance and leave it, where the key is derived from the state. */
export class Moves {
  readonly #parts: MovesParts;
  readonly #leaver: Leaver;
  readonly #adopter: Adopter;
  /** Only an instance that is a session's own has one. */
  readonly #place: SessionPlace | undefined;

  constructor(parts: MovesParts) {
    this.#parts = parts;
    const { place, sql, alarms, platform, tree, port } = parts;
    this.#adopter = new Adopter(parts);
    this.#place =
      place.type === "session"
        ? new SessionPlace({
            sql,
            alarms,
            platform,
            first: () => parts.watch.first(parts.module.initial),
            adopt: (adoption) =>
              adoption.to === null ? this.adopt(adoption) : port.adopt(adoption),
            guest: () => encodeValue(tree.committed()),
            onPlaced: parts.onPlaced,
            onAsked: parts.onAsked,
          })
        : undefined;
    this.#leaver = new Leaver({
      ...parts,
      departures: new Departures(sql),
      key: parts.watch.own,
      begin: (move) => (this.#place ? this.begin(move) : port.begin(move)),
      sendOff: (move, answer) => this.#sendOff(move, answer),
    });
  }

  /** Whether the session whose own instance this is has its state elsewhere. */
  get isElsewhere(): boolean {
    return this.#place !== undefined && this.#place.current.key !== null;
  }

  /** Whether anything is stored of where its session is. */
  get isPlaced(): boolean {
    return this.#place?.isStored === true;
  }

  /** Whether a session is on its way from here, or would be if nothing had interrupted it. */
  get isMoving(): boolean {
    return this.#leaver.isMoving || this.#place?.isMoving === true;
  }

  /** Resolves when the moves from here that are under way are over, or interrupted; `undefined` without any. */
  get underWay(): Promise<unknown> | undefined {
    return this.#leaver.underWay;
  }

  /** What another instance asks of this one: it is the session's own. */
  begin(move: Move): Promise<MoveOutcome> {
    const { place } = this.#parts;
    if (!this.#place || place.type !== "session" || place.session !== move.session) {
      throw new HoldfastError(
        "INTERNAL",
        "A move was brought to an instance that is not its session's.",
      );
    }
    return this.#place.begin(move);
  }

  /** What a session's own instance asks of this one: it is where the session moves. */
  adopt(adoption: Adoption): Promise<AdoptOutcome> {
    if (adoption.to !== this.#parts.watch.own) {
      throw new HoldfastError("INTERNAL", "A session was brought to an instance of another key.");
    }
    return this.#adopter.adopt(adoption);
  }

  /**
   * Where a connection belongs; what is under way for its session is waited for.
   *
   * @throws HoldfastError `BUSY` when that takes too long
   */
  async locate(identity: ConnectionIdentity): Promise<Whereabouts> {
    await this.#held(async () => {
      await this.#leaver.settled(identity.session);
      await this.#place?.settled();
    });
    if (!this.#place) {
      const { generation } = identity;
      return this.#leaver.refuses(identity) ? { type: "again" } : { type: "here", generation };
    }
    this.#parts.onAsked();
    const { key, generation } = this.#place.current;
    return key === null ? { type: "here", generation } : { type: "elsewhere", key, generation };
  }

  /** Whether nothing of this session starts here: it moves, or has moved. */
  holds(identity: ConnectionIdentity): boolean {
    return this.#leaver.holds(identity);
  }

  /**
   * Whether a connection is of a session that has moved since. One that has outlived the object which
   * was about to tell it so is closed, and told where it comes next.
   */
  refuses(identity: ConnectionIdentity): boolean {
    return this.#leaver.refuses(identity);
  }

  /** Whether this session is on its way from here: it is not known yet whether it will have left. */
  isLeaving(identity: ConnectionIdentity): boolean {
    return this.#leaver.holds(identity) && !this.#leaver.refuses(identity);
  }

  /** @returns false when storage failed: nothing is decided about the action */
  leave(sequence: Sequence, caller: ConnectionIdentity, move: KeyMove): boolean {
    return this.#leaver.leave(sequence, caller, move);
  }

  /** What is told behind the answer to `hello`. */
  boundText({ meta: { generation } }: Connection): string {
    return encodeMessage({ type: "bound", generation });
  }

  /** Sends a client away that has missed a move. @returns false for one that has not */
  sendOffLate(connection: Connection, { generation: said, clients }: HelloMessage): boolean {
    const { session, generation } = connection.meta;
    if (said === undefined || said === generation) return false;
    const texts = clients.flatMap(({ id, settled }) =>
      this.#adopter.missed(session, generation, id, settled).map((seq) => {
        const result = this.#adopter.resultOf(session, generation, id, seq);
        return encodeAnswer(id, seq, { type: "ack", version: 0, result });
      }),
    );
    this.#close(connection, texts);
    return true;
  }

  #sendOff(move: Move, answer: string): void {
    const { audience, started } = this.#parts;
    for (const connection of audience.everybody()) {
      const { session, generation, principal, clients = [] } = connection.meta;
      if (session !== move.session || generation > move.generation) continue;
      const texts: string[] = [];
      for (const client of clients) {
        if (client === move.client && principal === move.principal) texts.push(answer);
        for (const seq of started(principal, client)) {
          texts.push(encodeAnswer(client, seq, { type: "reject", error: UNKNOWN }));
        }
      }
      this.#close(connection, texts);
    }
  }

  #close(connection: Connection, texts: readonly string[]): void {
    const { audience, limits } = this.#parts;
    audience.remove(connection);
    const frame = new OutgoingFrame([...texts, REBIND], limits);
    if (frame.whole !== undefined) connection.send(frame.whole);
    else for (let at = 0; at < frame.chunks; at++) connection.send(frame.chunk(at));
    connection.close(CloseCode.normal, "The session has moved");
  }

  #held(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#parts.platform.after(HOLD_MS, () => reject(busy()));
      work()
        .then(resolve, () => reject(busy()))
        .finally(stop);
    });
  }
}

/** What an instance needs to know to have moves; `undefined` for a key that no session ever leads to. */
export function watchOf(
  {
    module,
    name,
    key,
  }: { readonly module: ModuleDefinition; readonly name: string; readonly key: string },
  limits: Limits,
): { readonly watch: KeyWatch; readonly place: Place } | undefined {
  const { strategy } = module;
  const place = strategy.type === "derived" ? parsePlace(key) : undefined;
  if (strategy.type !== "derived" || !place) return undefined;
  return { watch: new KeyWatch({ place, strategy, module: name, limits }), place };
}

const REBIND = encodeMessage({ type: "rebind" });

const UNKNOWN = {
  code: "OUTCOME_UNKNOWN",
  message:
    "The session has moved to another key while this action ran. It ends where it began, and nobody here hears how.",
} as const;

function busy(): HoldfastError {
  return new HoldfastError(
    "BUSY",
    "The session is moving to another key. Connect again in a moment.",
  );
}

import { encodeAnswer, HoldfastError } from "@holdfast/protocol";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarm, Alarms } from "../alarms.ts";
import type { Committer } from "../commit.ts";
import type { ConnectionIdentity } from "../connection.ts";
import type { News } from "../news.ts";
import type { Platform } from "../platform.ts";
import type { Sequence, Sequences } from "../sequences.ts";
import type { Departure, Departures } from "./departures.ts";
import type { KeyMove } from "./key-watch.ts";
import type { Move, MoveOutcome } from "./move.ts";

/** The kind of the alarms that carry interrupted moves on, see to their end, and forget old ones. */
const ALARM = "holdfast:move";
const ID_CHARACTERS = 22;
/** A move that takes longer was interrupted. */
const REPEAT_MS = 5_000;
/** So long nobody of an older generation gets in: no request is under way for longer. */
const REFUSED_MS = 3_600_000;

/** What those who leave are looked after with. */
export interface LeaverParts {
  readonly sql: SqlPort;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly sequences: Sequences;
  readonly committer: Committer;
  readonly departures: Departures;
  /** This instance's own key. */
  readonly key: string | null;
  readonly begin: (move: Move) => Promise<MoveOutcome>;
  readonly tell: (news: readonly News[]) => void;
  /** Tells the session's sockets, and closes them; `answer`: what became of the action that moved it. */
  readonly sendOff: (move: Move, answer: string) => void;
}

/** `O`: sees sessions off whose actions have changed the key. */
export class Leaver {
  readonly #parts: LeaverParts;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: LeaverParts) {
    this.#parts = parts;
    parts.alarms.on(ALARM, (alarm) => this.#ring(alarm));
    for (const { move } of parts.departures.pending) parts.sequences.hold({ ...move, settled: 0 });
  }

  get isMoving(): boolean {
    return this.#parts.departures.pending.length > 0;
  }

  get underWay(): Promise<unknown> | undefined {
    return this.#underWay.size > 0 ? Promise.allSettled(this.#underWay.values()) : undefined;
  }

  /**
   * Whether the session moves, or has moved on since the connection was made: nothing more of it
   * starts here.
   */
  holds({ session, generation }: ConnectionIdentity): boolean {
    const departures = this.#parts.departures.of(session);
    return departures.some(({ move }) => move.generation >= generation);
  }

  /** Whether a connection of this generation comes too late. */
  refuses({ session, generation }: ConnectionIdentity): boolean {
    const departures = this.#parts.departures.of(session);
    return departures.some(({ move, isDone }) => isDone && move.generation >= generation);
  }

  /** Stores the move of a session whose action is undone. False: storage failed, nothing is decided. */
  leave(sequence: Sequence, caller: ConnectionIdentity, { to, places, result }: KeyMove): boolean {
    const { platform, key } = this.#parts;
    const { principal, client, seq } = sequence;
    const { session, generation } = caller;
    const id = platform.token(ID_CHARACTERS);
    const from = key;
    const move: Move = {
      id,
      session,
      generation,
      from,
      to,
      places,
      principal,
      client,
      seq,
      result,
    };
    const at = platform.now();
    try {
      this.#store({ move, isDone: false, at }, at + REPEAT_MS);
    } catch (error) {
      platform.report(error, "A move could not be stored; its action stays open");
      return false;
    }
    // What interrupts it is met by the alarm.
    this.#carryOn(move).catch((error: unknown) => {
      platform.report(error, "A session could not be moved yet; it is tried again");
    });
    return true;
  }

  /** Resolves when no move of the session is under way. */
  async settled(session: string): Promise<void> {
    for (const { move, isDone } of this.#parts.departures.of(session)) {
      if (!isDone) await this.#carryOn(move);
    }
  }

  #carryOn(move: Move): Promise<void> {
    let underWay = this.#underWay.get(move.id);
    if (!underWay) {
      underWay = this.#parts
        .begin(move)
        .then((outcome) => this.#finish(move, outcome))
        .finally(() => this.#underWay.delete(move.id));
      this.#underWay.set(move.id, underWay);
    }
    return underWay;
  }

  #finish(move: Move, outcome: MoveOutcome): void {
    // Somebody else has asked, too.
    if (this.#parts.departures.get(move.id)?.isDone !== false) return;
    if (outcome.type === "refused") {
      this.#refuse(move, new HoldfastError(outcome.error.code, outcome.error.message));
      return;
    }
    const { platform, sequences, sendOff } = this.#parts;
    const at = platform.now();
    // What it wrote is where it belongs: no byte of it stays.
    this.#store(
      { move: { ...move, places: "", result: undefined }, isDone: true, at },
      at + REPEAT_MS,
    );
    const { client, seq } = move;
    const gone = { type: "reject", error: changed() } as const;
    // Whoever asks for it here has been told to ask elsewhere.
    sequences.finish({ ...move, settled: 0 }, gone);
    const { result } = move;
    const answer = outcome.type === "moved" ? ({ type: "ack", version: 0, result } as const) : gone;
    sendOff(move, encodeAnswer(client, seq, answer));
  }

  /** Nothing has moved: the action is refused like any other. */
  #refuse(move: Move, error: HoldfastError): void {
    const { sql, alarms, departures, committer, tell } = this.#parts;
    const { principal, client, seq } = move;
    const sequence = { principal, client, seq, settled: 0 };
    const news: News[] = [];
    const deleted = sql.transaction(() => {
      const deleted = departures.delete(move.id);
      alarms.remove(alarmId(move));
      const [outcome] = committer.commit([
        {
          name: "move",
          sequence,
          wasStarted: true,
          run: () => {
            throw error;
          },
        },
      ]);
      if (outcome?.type !== "decided") {
        this.#parts.sequences.hold(sequence);
        throw new Error("Storage did not take the refusal of a move.");
      }
      news.push({ type: "answer", sequence, text: encodeAnswer(client, seq, outcome.answer) });
      return deleted;
    });
    deleted.kept();
    tell(news);
  }

  #store(departure: Departure, next: number): void {
    const { sql, alarms, departures } = this.#parts;
    const { move } = departure;
    sql
      .transaction(() => {
        const stored = departures.put(departure);
        alarms.set({ id: alarmId(move), kind: ALARM, at: next, body: move.id });
        return stored;
      })
      .kept();
  }

  async #ring({ id, body }: Alarm): Promise<void> {
    const departure = this.#parts.departures.get(body);
    if (!departure) return;
    if (!departure.isDone) return this.#carryOn(departure.move);
    const { alarms, departures, platform } = this.#parts;
    const until = departure.at + REFUSED_MS;
    // Memory that was lost before the sockets were told: they were closed when this alarm woke it.
    if (platform.now() < until) alarms.set({ id, kind: ALARM, at: until, body });
    else departures.delete(body).kept();
  }
}

function alarmId({ id }: Move): string {
  return `${ALARM}:${id}`;
}

function changed(): { code: "KEY_CHANGED"; message: string } {
  return {
    code: "KEY_CHANGED",
    message:
      "Another action of this session has changed the key of the module first, so this one did not happen. Call it again, on what is shown now.",
  };
}

import {
  FrameAssembler,
  HoldfastError,
  isRefusedIdentity,
  isTerminalClose,
  type ClientLimits,
  PING_FRAME,
  PONG_FRAME,
  type SeenMessage,
  type ServerMessage,
} from "@holdfast/protocol";
import type { Environment, PageSignal } from "../environment.ts";
import type { Status } from "../status.ts";
import { BackOff } from "./back-off.ts";
import { closeError, isDenial } from "./close-error.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Admission, openSocket, type Socket } from "./partysocket.ts";

/** A link that took this long to open, or to answer `hello` with anything at all, is given up. */
const PATIENCE_MS = 10_000;
const MOST_PATIENCE_MS = 80_000;
/** A link that was live for as long has done its work: the next failure counts as the first. */
const STABLE_MS = 10_000;
/** So many links in a row that ended in nonsense are no accident: client and server do not fit. */
const MOST_BROKEN_LINKS = 3;
/** An identity that is refused again and again, fresh each time, will not be taken the next time. */
const MOST_REFUSALS = 3;

export interface ConnectionOptions {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  /** Session, token and address for the next attempt. Rejects to be asked again after a back-off. */
  readonly admit: () => Promise<Admission>;
  /** The identity was refused: the next `admit` must bring a fresh one. */
  readonly renew: (isInvalid: boolean) => void;
  /** The first frame of every link, and of one with news. `resync`: what the last link brought was no use; ask for all. */
  readonly hello: (resync: boolean) => string;
  /**
   * Takes a whole frame in. Answers whether it could be used; otherwise the link is given up.
   *
   * @throws HoldfastError for a frame that is no use, and says why
   */
  readonly receive: (messages: readonly ServerMessage[]) => boolean;
  /** A frame has come, or is sent: for those who only look on. */
  readonly onFrame?: (text: string, isSent: boolean) => void;
  /** The link is gone: what was sent on it may not have arrived. */
  readonly onDown: () => void;
  /** `status` or `error` changed. */
  readonly onChange: () => void;
}

/**
 * The link of one instance, for as long as it is wanted: replaced when it breaks, `hello` first on
 * every new one, watched by a heartbeat. Knows frames, not what they mean.
 *
 *   new ──open()──▶ down ──socket──▶ greeting ──greeted()──▶ live
 *                    ▲ ╰────────────────┴─────────◀──────────╯│
 *                    ╰─── close(), fail(), terminal close ──▶ ended
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backOff: BackOff;
  readonly #heartbeat: Heartbeat;
  #phase: "new" | "down" | "greeting" | "live" | "ended" = "new";
  #socket: Socket | undefined;
  #stopListening: (() => void) | undefined;
  #error: HoldfastError | undefined;
  #wasLive = false;
  #brokenLinks = 0;
  #refusals = 0;
  /** Said to the developer once, until it works again. */
  #hasReported = false;
  #patience = PATIENCE_MS;

  // Of the link at hand.
  #assembler: FrameAssembler;
  #unseen = 0;
  #liveSince = 0;
  /** What the server said was wrong, before it closes. */
  #reason: HoldfastError | undefined;
  /** Live, but the browser says offline and nothing has arrived since. */
  #isDoubtful = false;
  /** The page woke up and nothing has arrived since: somebody is waiting. */
  #isProbed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { environment, limits } = options;
    this.#assembler = new FrameAssembler(limits);
    this.#backOff = new BackOff(environment);
    this.#heartbeat = new Heartbeat({
      environment,
      ping: () => this.send(PING_FRAME),
      unsentBytes: () => this.#socket?.unsentBytes ?? 0,
      onDead: () => this.#giveUp(),
    });
  }

  get status(): Status {
    if (this.#phase === "ended") {
      return this.#error && isDenial(this.#error) ? "denied" : "closed";
    }
    if (this.#phase === "live") return this.#isDoubtful ? "offline" : "live";
    if (!this.#options.environment.isOnline()) return "offline";
    return this.#wasLive ? "reconnecting" : "connecting";
  }

  /** Why the connection ended, or why it is not live; `undefined` while it is. */
  get error(): HoldfastError | undefined {
    return this.#error;
  }

  /** Connects, once, and stays connected until `close()`. */
  open(): void {
    const { WebSocket, onPageSignal } = this.#options.environment;
    if (this.#phase !== "new" || !WebSocket) return;
    this.#phase = "down";
    this.#stopListening = onPageSignal((signal) => this.#signalled(signal));
    this.#socket = openSocket({
      WebSocket,
      admit: () => this.#admit(),
      onAttempt: () => this.#heartbeat.expect(this.#patience),
      onOpen: () => this.#opened(),
      onMessage: (data) => this.#arrived(data),
      onClose: (code) => this.#closed(code),
    });
  }

  /** Lets the link go for good; nobody is told. */
  close(): void {
    this.#phase = "ended";
    this.#isDoubtful = this.#isProbed = false;
    this.#heartbeat.stop();
    this.#stopListening?.();
    this.#socket?.close();
    this.#backOff.wake();
  }

  /** Ends the connection for good, for a reason. */
  fail(error: HoldfastError): void {
    if (this.#phase === "ended") return;
    this.#error = error;
    this.close();
    this.#options.onChange();
  }

  send(text: string): void {
    this.#options.onFrame?.(text, true);
    this.#socket?.send(text);
  }

  /** Says `hello` once more: there is news that only it can tell. */
  greet(): void {
    if (this.#isLinked) this.send(this.#options.hello(false));
  }

  /** Somebody is waiting: if it is down, the next attempt is made soon. */
  hurry(): void {
    this.#backOff.hurry();
  }

  /** `hello` was answered. */
  greeted(): void {
    if (this.#phase !== "greeting") return;
    this.#phase = "live";
    this.#liveSince = this.#options.environment.now();
    this.#wasLive = true;
    this.#brokenLinks = this.#refusals = 0;
    this.#hasReported = false;
    this.#patience = PATIENCE_MS;
    this.#error = undefined;
    this.#heartbeat.start();
    this.#options.onChange();
  }

  /** Gives the link up and makes a new one after a back-off. */
  restart(): void {
    if (this.#isLinked) this.#socket?.restart();
  }

  /** Gives the link up and makes a new one at once: nothing is wrong with it. */
  moveOn(): void {
    this.restart();
    this.#backOff.succeeded();
  }

  get #isLinked(): boolean {
    return this.#phase === "greeting" || this.#phase === "live";
  }

  async #admit(): Promise<Admission> {
    while (this.#phase === "down") {
      await this.#backOff.wait();
      // Ended meanwhile: there is no next attempt.
      if (this.#phase !== "down") break;
      try {
        return await this.#options.admit();
      } catch (error) {
        this.#backOff.failed();
        if (error instanceof HoldfastError && isDenial(error)) this.fail(error);
        else this.#explain(error);
      }
    }
    return new Promise(() => undefined);
  }

  #opened(): void {
    this.#phase = "greeting";
    this.#assembler = new FrameAssembler(this.#options.limits);
    this.#unseen = 0;
    this.#reason = undefined;
    this.send(this.#options.hello(this.#brokenLinks > 0));
    this.#heartbeat.expect(this.#patience);
  }

  #arrived(data: unknown): void {
    if (!this.#isLinked) return;
    this.#heartbeat.arrived();
    this.#isProbed = false;
    if (this.#isDoubtful) {
      this.#isDoubtful = false;
      this.#options.onChange();
    }
    if (data === PONG_FRAME) return;
    this.#options.onFrame?.(String(data), false);
    try {
      if (!this.#read(String(data))) this.#break(undefined);
      // More is to come: a snapshot in chunks.
      else if (this.#phase === "greeting") this.#heartbeat.expect(this.#patience);
    } catch (error) {
      this.#explain(error);
      this.#break(error);
    }
  }

  #read(text: string): boolean {
    const messages = this.#assembler.receive(text);
    for (const message of messages) {
      if (message.type !== "error") continue;
      this.#reason = this.#error = new HoldfastError(message.error.code, message.error.message);
    }
    if (!this.#options.receive(messages)) return false;
    this.#confirmSeen(text.length);
    return true;
  }

  /** Counted in characters, as the server counts them: near enough for a bound, and free. */
  #confirmSeen(length: number): void {
    this.#unseen += length;
    if (this.#unseen < this.#options.limits.seenEveryBytes) return;
    // Plain JSON: it holds no value that the codec would have to tag.
    this.send(JSON.stringify({ type: "seen", read: this.#unseen } satisfies SeenMessage));
    this.#unseen = 0;
  }

  #closed(code: number): boolean {
    const { environment, renew, onDown, onChange } = this.#options;
    const wasLive = this.#phase === "live";
    const isStable = wasLive && environment.now() - this.#liveSince >= STABLE_MS;
    const isRefusal = isRefusedIdentity(code);
    if (isRefusal) this.#refusals++;
    this.#heartbeat.stop();
    this.#phase = "down";
    this.#isDoubtful = this.#isProbed = false;
    onDown();
    if (isTerminalClose(code) || this.#refusals >= MOST_REFUSALS) {
      this.fail(this.#reason ?? closeError(code));
      return false;
    }
    if (isStable) this.#backOff.succeeded();
    if (isRefusal) renew(this.#reason?.code === "SESSION_INVALID");
    // An identity that ran out in time is renewed at once; one that is refused again is not.
    if (!isRefusal || !isStable) this.#backOff.failed(wasLive);
    onChange();
    return true;
  }

  /** The other end is silent. A slow link that never got as far as `live` is given more time. */
  #giveUp(): void {
    if (this.#phase !== "live") this.#patience = Math.min(MOST_PATIENCE_MS, this.#patience * 2);
    const isUrgent = this.#isProbed;
    this.#socket?.restart();
    if (isUrgent) this.#backOff.succeeded();
  }

  /** What arrived is no use: connect again, unless that has not helped before. */
  #break(reason: unknown): void {
    this.#brokenLinks++;
    if (this.#brokenLinks >= MOST_BROKEN_LINKS && reason instanceof HoldfastError) {
      this.fail(reason);
    } else this.restart();
  }

  #signalled(signal: PageSignal): void {
    if (signal === "hidden") return;
    if (signal !== "offline") this.#backOff.wake();
    if (this.#phase === "live") {
      this.#isDoubtful = signal === "offline";
      this.#isProbed = true;
      this.#heartbeat.probe();
    }
    this.#options.onChange();
  }

  #explain(error: unknown): void {
    if (error instanceof HoldfastError) this.#error = error;
    else if (!this.#hasReported) {
      this.#hasReported = true;
      this.#options.environment.report("Holdfast cannot connect now; it will try again.", error);
    }
    this.#options.onChange();
  }
}

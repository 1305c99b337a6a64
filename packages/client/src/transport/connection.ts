import {
  CloseCode,
  encodeMessage,
  FrameAssembler,
  HoldfastError,
  isTerminalClose,
  type Limits,
  PING_FRAME,
  PONG_FRAME,
  type ServerMessage,
} from "@holdfast/protocol";
import type { Environment, PageSignal, Timer, WebSocketConstructor } from "../environment.ts";
import { BackOff } from "./back-off.ts";
import { closeError, isDenial } from "./close-error.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Admission, openSocket, type Socket } from "./partysocket.ts";
import type { Status } from "../status.ts";

/** A link that took this long to open, or to answer `hello` with anything at all, is given up. */
const PATIENCE_MS = 10_000;
const MOST_PATIENCE_MS = 80_000;
/** A link that was live for as long has done its work: the next failure counts as the first. */
const STABLE_MS = 10_000;
/** So many links in a row that ended in nonsense are no accident: client and server do not fit. */
const MOST_BROKEN_LINKS = 3;

export interface ConnectionOptions {
  readonly environment: Environment;
  readonly limits: Limits;
  /** Session, token and address for the next attempt. Rejects to be asked again after a back-off. */
  readonly admit: () => Promise<Admission>;
  /** The identity was refused: the next `admit` must bring a fresh one. */
  readonly renew: () => void;
  /** The first frame of every link. `resync`: what the last link brought was no use; ask for all. */
  readonly hello: (resync: boolean) => string;
  /**
   * Takes a whole frame in. Answers whether it could be used; otherwise the link is given up.
   *
   * @throws HoldfastError for a frame that is no use, and says why
   */
  readonly receive: (messages: readonly ServerMessage[]) => boolean;
  /** The version to report as read; `undefined` while there is none. */
  readonly version: () => number | undefined;
  /** The link is gone: what was sent on it may not have arrived. */
  readonly onDown: () => void;
  /** `status` or `error` changed. */
  readonly onChange: () => void;
}

/**
 * The link of one instance, for as long as it is wanted: replaced when it breaks, `hello` first on
 * every new one, watched by a heartbeat. Knows frames, not what they mean.
 *
 *   idle ──open()──▶ down ──socket──▶ greeting ──greeted()──▶ live
 *    ▲                ▲ ╰──────────────────┴───────◀──────────╯ │
 *    ╰──close()───────┴───── fail(), terminal close ──▶ ended ◀─╯
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backOff: BackOff;
  readonly #heartbeat: Heartbeat;
  #assembler: FrameAssembler;
  #phase: "idle" | "down" | "greeting" | "live" | "ended" = "idle";
  #socket: Socket | undefined;
  #error: HoldfastError | undefined;
  #wasLive = false;
  #liveSince = 0;
  /** Live, but the browser says offline and nothing has arrived since. */
  #doubtful = false;
  /** The page woke up and nothing has arrived since: somebody is waiting. */
  #probed = false;
  #brokenLinks = 0;
  /** How often `open()` was called: what an earlier one began is void. */
  #opening = 0;
  #patience = PATIENCE_MS;
  #attempt: Timer;
  #unseen = 0;
  #stopListening: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { environment } = options;
    this.#assembler = new FrameAssembler(options.limits);
    this.#backOff = new BackOff(environment);
    this.#heartbeat = new Heartbeat({
      environment,
      ping: () => this.#socket?.send(PING_FRAME),
      unsentBytes: () => this.#socket?.unsentBytes ?? 0,
      onDead: () => this.#giveUp(),
    });
  }

  get status(): Status {
    switch (this.#phase) {
      case "ended":
        return this.#error && isDenial(this.#error) ? "denied" : "closed";
      case "live":
        return this.#doubtful ? "offline" : "live";
      default:
        if (!this.#options.environment.isOnline()) return "offline";
        return this.#wasLive ? "reconnecting" : "connecting";
    }
  }

  /** Why the connection ended, or why it is not live; `undefined` while it is. */
  get error(): HoldfastError | undefined {
    return this.#error;
  }

  /** Connects, and stays connected until `close()`. */
  open(): void {
    const { WebSocket, onPageSignal } = this.#options.environment;
    if (this.#phase !== "idle" || !WebSocket) return;
    this.#phase = "down";
    this.#opening++;
    this.#stopListening = onPageSignal((signal) => this.#signalled(signal));
    this.#socket = this.#openSocket(WebSocket);
  }

  /** Lets the link go; `open()` makes a new one. */
  close(): void {
    if (this.#phase !== "ended") this.#release("idle");
  }

  /** Ends the connection for good. */
  fail(error: HoldfastError): void {
    if (this.#phase === "ended") return;
    this.#error = error;
    this.#release("ended");
    this.#options.onChange();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** `hello` was answered. */
  greeted(): void {
    if (this.#phase !== "greeting") return;
    this.#phase = "live";
    this.#liveSince = this.#options.environment.now();
    this.#wasLive = true;
    this.#brokenLinks = 0;
    this.#patience = PATIENCE_MS;
    this.#error = undefined;
    this.#heartbeat.start();
    this.#options.onChange();
  }

  /** Gives the link up and makes a new one after a back-off. */
  restart(): void {
    if (this.#phase === "greeting" || this.#phase === "live") this.#socket?.restart();
  }

  #openSocket(WebSocket: WebSocketConstructor): Socket {
    const opening = this.#opening;
    return openSocket({
      WebSocket,
      admit: () => this.#admit(opening),
      onAttempt: () => this.#expectOpen(),
      onOpen: () => this.#opened(),
      onMessage: (data) => this.#arrived(data),
      onClose: (code) => this.#closed(code),
    });
  }

  async #admit(opening: number): Promise<Admission> {
    for (;;) {
      await this.#backOff.wait();
      if (this.#phase !== "down" || this.#opening !== opening) break;
      try {
        return await this.#options.admit();
      } catch (error) {
        if (error instanceof HoldfastError && isDenial(error)) {
          this.fail(error);
          break;
        }
        this.#backOff.failed();
        this.#explain(error);
      }
    }
    return new Promise(() => undefined);
  }

  #expectOpen(): void {
    const { environment } = this.#options;
    environment.clearTimeout(this.#attempt);
    this.#attempt = environment.setTimeout(() => this.#giveUp(), this.#patience);
  }

  #opened(): void {
    this.#options.environment.clearTimeout(this.#attempt);
    this.#phase = "greeting";
    this.#assembler = new FrameAssembler(this.#options.limits);
    this.#unseen = 0;
    this.#socket?.send(this.#options.hello(this.#brokenLinks > 0));
    this.#heartbeat.expect(this.#patience);
  }

  #arrived(data: unknown): void {
    if (this.#phase !== "greeting" && this.#phase !== "live") return;
    this.#heartbeat.arrived();
    this.#probed = false;
    if (this.#doubtful) {
      this.#doubtful = false;
      this.#options.onChange();
    }
    if (data === PONG_FRAME) return;
    let isUsable = false;
    try {
      isUsable = this.#read(String(data));
    } catch (error) {
      this.#explain(error);
    }
    if (!isUsable) this.#break();
    // More is to come: a snapshot in chunks.
    else if (this.#phase === "greeting") this.#heartbeat.expect(this.#patience);
  }

  #read(text: string): boolean {
    const messages = this.#assembler.receive(text);
    for (const message of messages) {
      if (message.type !== "error") continue;
      this.#error = new HoldfastError(message.error.code, message.error.message);
    }
    const isUsable = this.#options.receive(messages);
    if (isUsable) this.#confirmSeen(text.length);
    return isUsable;
  }

  /** Counted in characters, as the server counts them: near enough for a bound, and free. */
  #confirmSeen(length: number): void {
    this.#unseen += length;
    const version = this.#options.version();
    if (this.#unseen < this.#options.limits.seenEveryBytes || version === undefined) return;
    this.#unseen = 0;
    this.#socket?.send(encodeMessage({ type: "seen", version }));
  }

  #closed(code: number): boolean {
    const { environment, renew, onDown, onChange } = this.#options;
    const lived = this.#phase === "live" && environment.now() - this.#liveSince >= STABLE_MS;
    this.#heartbeat.stop();
    environment.clearTimeout(this.#attempt);
    this.#phase = "down";
    this.#doubtful = this.#probed = false;
    if (isTerminalClose(code)) {
      onDown();
      this.fail(this.#error ?? closeError(code));
      return false;
    }
    if (lived) this.#backOff.succeeded();
    if (code === CloseCode.unauthenticated) renew();
    // An identity that ran out in time is renewed at once; one that is refused again is not.
    if (code !== CloseCode.unauthenticated || !lived) this.#backOff.failed();
    onDown();
    onChange();
    return true;
  }

  /** The other end is silent. A slow link that never got as far as `live` is given more time. */
  #giveUp(): void {
    if (this.#phase !== "live") this.#patience = Math.min(MOST_PATIENCE_MS, this.#patience * 2);
    const urgent = this.#probed;
    this.#socket?.restart();
    if (urgent) this.#backOff.succeeded();
  }

  /** What arrived is no use: connect again, unless that has not helped before. */
  #break(): void {
    this.#brokenLinks++;
    if (this.#brokenLinks < MOST_BROKEN_LINKS || !this.#error) this.#socket?.restart();
    else this.fail(this.#error);
  }

  #signalled(signal: PageSignal): void {
    if (signal === "hidden") return;
    if (signal !== "offline") this.#backOff.wake();
    if (this.#phase === "live") {
      this.#doubtful = signal === "offline";
      this.#probed = true;
      this.#heartbeat.probe();
    }
    this.#options.onChange();
  }

  #explain(error: unknown): void {
    if (error instanceof HoldfastError) this.#error = error;
    else this.#options.environment.report("Holdfast could not connect and will try again.", error);
    this.#options.onChange();
  }

  #release(phase: "idle" | "ended"): void {
    this.#phase = phase;
    this.#options.environment.clearTimeout(this.#attempt);
    this.#heartbeat.stop();
    this.#stopListening?.();
    this.#socket?.close();
    this.#socket = undefined;
    this.#doubtful = this.#probed = false;
    this.#backOff.wake();
  }
}

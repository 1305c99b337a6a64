import type { Message } from "./chat-events.ts";

/** What there is to show of a room; another object whenever it changes. */
export interface LogView {
  /** The oldest first, without gaps. */
  readonly messages: readonly Message[];
  /** False until anything is known of the room. */
  readonly isKnown: boolean;
  readonly isLoading: boolean;
}

export interface LogSource {
  /** The newest messages of the room, or those before one: the newest first. */
  readonly load: (before?: number) => Promise<readonly Message[]>;
  /** What this browser has kept of the room. */
  readonly kept: readonly Message[] | undefined;
  readonly onChange: (view: LogView) => void;
}

/** Who has missed more pages than this begins anew at the end. */
const MOST_PAGES = 10;

/**
 * The messages of a room that this page has: a run without gaps, up to the newest that it knows of.
 * Events bring them as they are said, at most once; their numbers show when one is missing, and the
 * history has them all.
 */
export class RoomLog {
  readonly #source: LogSource;
  #view: LogView;
  #catchingUp: Promise<void> | undefined;
  #isBehind = false;

  constructor(source: LogSource) {
    this.#source = source;
    const { kept } = source;
    this.#view = { messages: kept ?? [], isKnown: kept !== undefined, isLoading: false };
  }

  get view(): LogView {
    return this.#view;
  }

  /** The number of the last message; 0: there is none. */
  get last(): number {
    return this.#view.messages.at(-1)?.number ?? 0;
  }

  /** Something was said. */
  add(message: Message): void {
    const { messages, isKnown } = this.#view;
    if (isKnown && message.number === this.last + 1) this.#show([...messages, message]);
    else if (!isKnown || message.number > this.last) void this.catchUp();
  }

  /** Takes what was said while the page did not hear it. */
  catchUp(): Promise<void> {
    this.#isBehind = true;
    this.#catchingUp ??= this.#untilLevel()
      // Refused, or closed for good: the status says so.
      .catch(() => {})
      .finally(() => void (this.#catchingUp = undefined));
    return this.#catchingUp;
  }

  async loadEarlier(): Promise<void> {
    const first = this.#view.messages[0]?.number ?? 0;
    if (first <= 1 || this.#view.isLoading) return;
    this.#change({ isLoading: true });
    try {
      const earlier = (await this.#source.load(first)).toReversed();
      const { messages } = this.#view;
      if (messages[0]?.number === first) this.#show([...earlier, ...messages]);
    } catch {
      // As above.
    }
    this.#change({ isLoading: false });
  }

  async #untilLevel(): Promise<void> {
    while (this.#isBehind) {
      this.#isBehind = false;
      const { last } = this;
      const newest = await this.#loadBackTo(last);
      const [first, end] = [newest[0]?.number ?? 0, newest.at(-1)?.number ?? 0];
      const { messages } = this.#view;
      const isAnother = end < last || messages.some((one) => differs(one, newest, first));
      if (isAnother || first > last + 1) this.#show(newest);
      else {
        const before = messages.filter(({ number }) => number < first);
        // Said while it was being asked.
        const behind = messages.filter(({ number }) => number > end);
        this.#show([...before, ...newest, ...behind]);
      }
    }
  }

  /** The newest, and those before them up to what is known, unless that is too far away. */
  async #loadBackTo(last: number): Promise<readonly Message[]> {
    const found = [...(await this.#source.load())];
    for (let pages = 1; pages < MOST_PAGES && last > 0; pages++) {
      const first = found.at(-1)?.number ?? 0;
      if (first <= last + 1) break;
      found.push(...(await this.#source.load(first)));
    }
    return found.toReversed();
  }

  #show(messages: readonly Message[]): void {
    this.#change({ messages, isKnown: true });
  }

  #change(changes: Partial<LogView>): void {
    this.#view = { ...this.#view, ...changes };
    this.#source.onChange(this.#view);
  }
}

/** The history is another one: it was begun anew. */
function differs(message: Message, newest: readonly Message[], first: number): boolean {
  const other = newest[message.number - first];
  return other !== undefined && other.id !== message.id;
}

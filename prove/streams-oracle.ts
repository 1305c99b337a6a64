/** One text that a handler writes: what it has written, and whether anybody may have seen any of it. */
interface Run {
  text: string;
  isShown: boolean;
  readonly place: string;
  /** Another text was begun in its place: what of it is not stored is dropped. */
  isOver: boolean;
  /** How the handler has ended it. */
  end: "open" | "done" | "failed";
}

/** What readers of a stream are shown, as far as it matters. */
export interface Shown {
  readonly text: string;
  readonly status: string;
  readonly error: string | null;
}

/** What a stream's text begins with that only its owner may see. */
export const SECRET = "§";

/** Nobody writes this by himself. */
const ENDS: ReadonlySet<string | null> = new Set([
  "interrupted",
  "cancelled",
  "failed",
  "given up",
]);

/**
 * What has been written to streams, by the header that each text begins with: `#7:`. Whatever anybody
 * is shown, at whatever time, has to be the beginning of one of these texts: nothing doubled, nothing
 * left out, nothing of another one.
 */
export class StreamOracle {
  readonly #runs = new Map<string, Run>();
  /** How often the server's memory was lost. */
  losses = 0;
  /** Storage was led to fail: it may have taken nothing of a text that was begun in another's place. */
  hasFailed = false;
  readonly tally = { runs: 0, pieces: 0, shown: 0, done: 0, interrupted: 0, cancelled: 0, cut: 0 };

  /** A handler begins a text. */
  begin(header: string, place: string): void {
    // Whoever saw it begin must never see it begin again.
    if (this.#runs.get(header)?.isShown) {
      throw new Error(`[G2] the handler of ${header} runs again, and its text had been shown`);
    }
    for (const run of this.#runs.values()) if (run.place === place) run.isOver = true;
    this.#runs.set(header, { text: header, isShown: false, place, isOver: false, end: "open" });
    this.tally.runs++;
  }

  appended(header: string, text: string): void {
    this.#run(header).text += text;
    this.tally.pieces++;
  }

  ended(header: string, end: Run["end"]): void {
    this.#run(header).end = end;
  }

  /** Another text was begun in the place of this one. */
  isOver(header: string): boolean {
    return this.#run(header).isOver;
  }

  /** Somebody is shown this, or has it stored. Gives its header. */
  check(who: string, { text, status }: Shown): string | undefined {
    if (text === "") return undefined;
    const header = headerOf(text);
    const run = this.#runs.get(header);
    if (!run) throw new Error(`${who} shows a text that nobody has written: ${cut(text)}`);
    run.isShown = true;
    this.tally.shown++;
    if (!run.text.startsWith(text)) {
      throw new Error(`${who} shows what was never written: ${cut(text)} of ${cut(run.text)}`);
    }
    if (status === "done" && text !== run.text) {
      throw new Error(`${who} shows as all of it ${cut(text)}, and it is ${cut(run.text)}`);
    }
    return header;
  }

  /** Nothing happens any more: the stream has ended, as it must have. */
  checkEnd(who: string, shown: Shown): void {
    const header = this.check(who, shown);
    if (shown.status === "streaming")
      throw new Error(`[P99] ${who} waits for ever: ${cut(shown.text)}`);
    if (shown.status === "error" && !ENDS.has(shown.error)) {
      throw new Error(`${who} has an error that nobody gave: ${shown.error}`);
    }
    if (header === undefined) return;
    if (shown.status === "done") this.tally.done++;
    else if (shown.error === "interrupted") this.tally.interrupted++;
    else if (shown.error === "cancelled") this.tally.cancelled++;
    const { end, isOver } = this.#run(header);
    if (shown.error === "interrupted" && this.losses === 0 && !(this.hasFailed && isOver)) {
      throw new Error(`${who} was interrupted, and the server has never stopped`);
    }
    if (shown.status === "done" && end !== "done") {
      throw new Error(`${who} is done, and its handler has not ended it so`);
    }
  }

  /** An action was told that all went well: who sees its stream sees all of it, or another text. */
  resolved(who: string, header: string, shown: Shown): void {
    if (shown.text === "" || headerOf(shown.text).replace(SECRET, "") !== header) return;
    this.check(who, shown);
    if (shown.status === "streaming")
      throw new Error(`${who} is answered before its stream has ended`);
  }

  #run(header: string): Run {
    const run = this.#runs.get(header);
    if (!run) throw new Error(`nobody has begun ${header}`);
    return run;
  }
}

export function headerOf(text: string): string {
  return text.slice(0, text.indexOf(":") + 1);
}

function cut(text: string): string {
  return text.length > 80
    ? `"${text.slice(0, 40)}…${text.slice(-40)}" (${text.length})`
    : `"${text}"`;
}

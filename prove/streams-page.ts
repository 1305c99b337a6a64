import { type Client, createClient, type ModuleHandle, streams } from "@holdfast/client";
import type { Limits } from "@holdfast/protocol";
import type { PageEnvironment } from "@holdfast/testing/world/page-environment";
import type { Place, StreamState, Writing } from "./streams-module.ts";
import { headerOf, type Shown, type StreamOracle } from "./streams-oracle.ts";

interface App {
  modules: {
    streams: {
      state: StreamState;
      actions: {
        write: { parameters: [writing: Writing]; result: string };
        cancel: { parameters: [place: Place]; result: void };
        shift: { parameters: [id: number]; result: void };
      };
      keys: "fixed";
    };
  };
}

/** So many items at the head of the list are looked at. */
const LOOKED_AT = 3;

/** A page that shows streams: the real client, and what it may show. */
export class StreamPage {
  readonly label: string;
  readonly principal: string;
  readonly environment: PageEnvironment;
  readonly #oracle: StreamOracle;
  readonly #fail: (what: string) => void;
  readonly #client: Client<App>;
  readonly #handle: ModuleHandle<App["modules"]["streams"]>;
  readonly #readers: { readonly name: string; readonly look: () => Shown }[] = [];
  /**
   * The longest that was shown of each text, and how often the server had lost its memory when it was
   * connected that told it.
   */
  readonly #longest = new Map<string, { readonly length: number; readonly losses: number }>();
  #lossesAtConnect = 0;
  isGone = false;

  constructor(parts: {
    readonly label: string;
    readonly principal: string;
    readonly environment: PageEnvironment;
    readonly limits: Limits;
    readonly oracle: StreamOracle;
    readonly fail: (what: string) => void;
  }) {
    this.#fail = parts.fail;
    this.label = parts.label;
    this.principal = parts.principal;
    this.environment = parts.environment;
    this.#oracle = parts.oracle;
    const { environment } = parts.environment;
    const { limits } = parts;
    this.#client = createClient<App>({ environment, limits, streams, onRejected: () => {} });
    this.#handle = this.#client.module("streams");
    this.#handle.subscribe(() => {});
    this.#read("plain");
    this.#read("secret");
    for (let index = 0; index < LOOKED_AT; index++) this.#read(["list", index, "reply"]);
  }

  get isAtRest(): boolean {
    const { status, pending } = this.#handle.getSnapshot();
    return status === "live" && pending === 0;
  }

  describe(): string {
    const { status, pending, error } = this.#handle.getSnapshot();
    return `${this.label} ${status} (${error?.code}), ${pending} pending`;
  }

  write(writing: Writing): void {
    this.#handle.actions.write(writing).then(
      (header) => this.#resolved(header),
      () => {},
    );
  }

  cancel(place: Place): void {
    this.#handle.actions.cancel(place).catch(() => {});
  }

  shift(id: number): void {
    this.#handle.actions.shift(id).catch(() => {});
  }

  /** A link of its has come to the server. */
  connected(): void {
    this.#lossesAtConnect = this.#oracle.losses;
  }

  /** What is shown now is what may be: no more than was written, no less than was shown before. */
  verify(): void {
    if (this.isGone) return;
    const losses = this.#lossesAtConnect;
    for (const { name, look } of this.#readers) {
      const shown = look();
      const who = `${this.label} ${name}`;
      const header = this.#oracle.check(who, shown);
      if (header === undefined) continue;
      const before = this.#longest.get(header);
      const { length } = shown.text;
      if (before && length < before.length) {
        if (before.losses === this.#oracle.losses && !this.#oracle.isOver(header)) {
          throw new Error(
            `${who} shows less of ${header} than before: ${length} of ${before.length}`,
          );
        }
        this.#oracle.tally.cut++;
      }
      if (length !== before?.length) this.#longest.set(header, { length, losses });
    }
  }

  /** At rest it shows what is stored, as far as it may see it. */
  compare({ plain, secret, list }: StreamState): void {
    const stored = [
      plain,
      ...(this.principal === "owner" ? [secret] : [undefined]),
      ...list.map(({ reply }) => reply),
    ];
    for (const [index, { name, look }] of this.#readers.entries()) {
      const expected = stored[index];
      const shown = look();
      const wanted = expected
        ? [expected.text, expected.status, expected.error]
        : ["", "idle", null];
      if (JSON.stringify([shown.text, shown.status, shown.error]) === JSON.stringify(wanted))
        continue;
      throw new Error(
        `[G7] ${this.label} ${name} shows ${JSON.stringify(shown)}, and stored is ${JSON.stringify(wanted)} (${headerOf(shown.text)})`,
      );
    }
  }

  close(): void {
    this.isGone = true;
    this.environment.vanish();
    this.#client.close();
  }

  #resolved(header: string): void {
    if (this.isGone) return;
    try {
      for (const { name, look } of this.#readers) {
        this.#oracle.resolved(`${this.label} ${name}`, header, look());
      }
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #read(path: "plain" | "secret" | readonly (string | number)[]): void {
    const handle = this.#handle.stream(path);
    handle.subscribe(() => {});
    this.#readers.push({ name: String(path), look: handle.getSnapshot });
  }
}

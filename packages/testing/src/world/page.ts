import {
  type Client,
  createClient,
  HoldfastError,
  type ModuleHandle,
  type ModuleSnapshot,
  optimism,
  presence,
  type StateOf,
} from "@holdfast/client";
import type { Limits } from "@holdfast/protocol";
import { type PageAction, type Receipt, SECRET, type Shown, type WorldApp } from "./board.ts";
import { lastEntryOf, type Order } from "./order.ts";
import { PageEnvironment, type PageSurroundings } from "./page-environment.ts";
import { PageOracle } from "./page-oracle.ts";
import { PresenceOracle } from "./presence-oracle.ts";
import type { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import type { Link } from "./link.ts";
import { type Foresight, reducerOf } from "./predictions.ts";
import type { ServerHistory } from "./server-history.ts";
import type { PlannedAction } from "./step.ts";

/** What became of one action, as its caller was told. */
export interface ActionRecord {
  readonly name: PageAction;
  readonly order: Order;
  readonly client: string;
  readonly seq: number;
  readonly foresight: Foresight;
  outcome:
    | { readonly type: "open" }
    | { readonly type: "resolved"; readonly receipt: Receipt }
    | { readonly type: "rejected"; readonly code: string };
  /** It was applied to a history that the disk went back behind. */
  isUndone: boolean;
}

export interface PageOptions {
  readonly label: string;
  readonly principal: string;
  readonly limits: Limits;
  readonly history: ServerHistory;
  readonly surroundings: Omit<PageSurroundings, "named" | "report">;
  /** What the server has rendered it with, if it has. */
  readonly rendered: string | undefined;
  /** Whether users are shown to each other. */
  readonly takesPart: boolean;
  /** The page has taken a client id. */
  readonly onClient: (client: string) => void;
  readonly breach: (what: string) => void;
}

/** So long is a client id; no other token that a page draws is. */
const CLIENT_ID_LENGTH = 22;
/** [G13] A half-open link is noticed within so long, while the page is visible. */
const NOTICE_WITHIN_MS = 15_000;

/** One page load: the real client in a browser that is not there. */
export class Page {
  readonly label: string;
  readonly principal: string;
  readonly environment: PageEnvironment;
  readonly oracle: PageOracle;
  readonly actions: ActionRecord[] = [];
  /** The client ids that it had. */
  readonly clients: string[] = [];
  readonly #breach: (what: string) => void;
  readonly #history: ServerHistory;
  readonly #client: Client<WorldApp>;
  readonly #handle: ModuleHandle<WorldApp["modules"]["board"]>;
  #unsubscribe: (() => void) | undefined;
  #stopTakingPart: (() => void) | undefined;
  readonly #rendered: unknown;
  readonly #takesPart: boolean;
  readonly #presence: PresenceOracle;
  /** How often it has shown its user somewhere else. */
  #shows = 0;
  readonly #onClient: (client: string) => void;
  readonly #now: () => number;
  #nextSeq = 1;
  #orders = 0;
  #isGone = false;
  #halfOpen: { readonly socket: PageSocket<Link>; readonly since: number } | undefined;

  constructor(options: PageOptions) {
    const { label, principal, limits, history, surroundings, breach } = options;
    this.#onClient = options.onClient;
    this.#now = () => surroundings.clock.now;
    this.label = label;
    this.principal = principal;
    this.#history = history;
    this.#breach = (what) => breach(`${label}: ${what}`);
    this.oracle = new PageOracle(history, limits, this.#breach);
    this.#takesPart = options.takesPart;
    this.#presence = new PresenceOracle(this.#breach);
    this.environment = new PageEnvironment({
      ...surroundings,
      named: (token) => {
        if (token.length === CLIENT_ID_LENGTH) this.#begin(token);
      },
      report: (message, cause) => this.#reported(message, cause),
    });
    this.#client = createClient<WorldApp>({
      environment: this.environment.environment,
      optimism,
      presence,
      limits,
      onRejected: ({ action, error }) =>
        this.#breach(`"${action}" is reported as unhandled (${error.code}), and was awaited`),
    });
    this.#handle = this.#client.module("board");
    if (options.rendered === undefined) return;
    this.#handle.hydrate(options.rendered);
    this.#rendered = this.shown.state;
    this.oracle.rendered(options.rendered);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether something on the page wants the state. */
  get isOpen(): boolean {
    return this.#unsubscribe !== undefined;
  }

  get shown(): ModuleSnapshot<StateOf<WorldApp["modules"]["board"]>> {
    return this.#handle.getSnapshot();
  }

  open(): void {
    this.#unsubscribe ??= this.#handle.subscribe(() => undefined);
    if (this.#takesPart) this.#stopTakingPart ??= this.#handle.presence.subscribe(() => undefined);
  }

  /** The last component that shows the state is gone. */
  leave(): void {
    this.#unsubscribe?.();
    this.#stopTakingPart?.();
    this.#unsubscribe = this.#stopTakingPart = undefined;
  }

  /** Shows its user somewhere else, or no more. */
  show(isShown: boolean): void {
    if (!this.isOpen) return;
    this.#shows++;
    this.#handle.presence.set(isShown ? { who: this.label, n: this.#shows } : undefined);
  }

  /** What it shows of its user, by now. */
  get mine(): Shown | undefined {
    return this.#takesPart ? this.#handle.presence.getSnapshot().mine : undefined;
  }

  /** What it sees of the others'. */
  get others(): readonly Shown[] {
    return this.#takesPart
      ? this.#handle.presence.getSnapshot().others.map(({ value }) => value)
      : [];
  }

  /** Sends actions, all in one go. */
  plan(actions: readonly PlannedAction[], seed: number): void {
    for (const [index, { name, edits, failure, pace, foresight }] of actions.entries()) {
      const id = `${this.label}.${++this.#orders}`;
      const order: Order = {
        id,
        seed: seed + index,
        edits,
        ...(failure === undefined ? {} : { failure }),
        ...(pace === undefined ? {} : { pace }),
      };
      this.#act(name, order, foresight);
    }
  }

  #act(name: PageAction, order: Order, foresight: Foresight): void {
    const reducer = name === "peek" || name === "waver" ? undefined : reducerOf(foresight);
    const before = this.shown.pending;
    const promise: Promise<Receipt> = reducer
      ? this.#handle.optimistic(() => ({ [name]: reducer }))[name](order)
      : this.#handle.actions[name](order);
    const client = this.clients.at(-1);
    if (client === undefined || this.shown.pending === before) {
      promise.catch((error: HoldfastError) => this.#refusedAtOnce(error));
      return;
    }
    const action: ActionRecord = {
      name,
      order,
      client,
      seq: this.#nextSeq++,
      foresight: reducer ? foresight : "none",
      outcome: { type: "open" },
      isUndone: false,
    };
    this.actions.push(action);
    this.oracle.dispatched(action);
    promise.then(
      (receipt) => this.#resolved(action, receipt),
      (error: unknown) => this.#rejected(action, error),
    );
  }

  verify(): void {
    if (this.#isGone) return;
    const { shown } = this;
    // A moment after the last component is gone the client forgets the instance.
    const isForgotten = !shown.restored || shown.state === this.#rendered;
    if (!this.isOpen && isForgotten && shown.pending === 0) this.oracle.forget();
    this.oracle.verify(shown);
    if (this.#takesPart) this.#presence.verify(this.#handle.presence.getSnapshot().others);
    if (this.#halfOpen) this.#expectNotice(this.#halfOpen);
  }

  /** What its client has sent under this number. */
  nameOf(client: string, seq: number): PageAction | undefined {
    return this.actions.findLast((one) => one.client === client && one.seq === seq)?.name;
  }

  /** The link at hand is about to be half-open. */
  watchHalfOpen(): void {
    const { socket } = this.environment;
    if (socket && this.shown.status === "live") this.#halfOpen = { socket, since: this.#now() };
  }

  /** The tab is killed, or another page loaded in it. */
  vanish(): void {
    this.#isGone = true;
    this.environment.vanish();
  }

  /** Lets go of the timers that partysocket has on the real clock. */
  dispose(): void {
    this.vanish();
    this.#client.close();
  }

  #begin(client: string): void {
    this.clients.push(client);
    this.#onClient(client);
    this.#nextSeq = 1;
    this.oracle.begin(client);
  }

  #expectNotice({ socket, since }: { socket: PageSocket<Link>; since: number }): void {
    const { environment } = this;
    if (environment.socket !== socket || !socket.isHeard) {
      this.#halfOpen = undefined;
    } else if (this.#now() - Math.max(since, environment.attentiveSince) > NOTICE_WITHIN_MS) {
      this.#halfOpen = undefined;
      this.#breach(`[G13] A half-open link is not noticed in ${NOTICE_WITHIN_MS / 1000} s`);
    }
  }

  #resolved(action: ActionRecord, receipt: Receipt): void {
    if (this.#isGone) return;
    const { id } = action.order;
    action.outcome = { type: "resolved", receipt };
    const { confirmed } = this.oracle;
    if (confirmed && this.#history.isAbandoned(confirmed)) action.isUndone = true;
    if (!receipt.secret.startsWith(SECRET + id)) {
      this.#breach(`[G2] ${id} is answered with ${receipt.secret}`);
    }
    const { state } = this.shown;
    const entry = lastEntryOf(action.order);
    if (isEdit(action) && state && !state.ledger.includes(entry) && !action.isUndone) {
      this.#breach(`${id} is resolved, and its effect is not shown`);
    }
  }

  #rejected(action: ActionRecord, error: unknown): void {
    if (this.#isGone) return;
    const code = error instanceof HoldfastError ? error.code : String(error);
    action.outcome = { type: "rejected", code };
    const { confirmed } = this.oracle;
    if (confirmed && this.#history.isAbandoned(confirmed)) action.isUndone = true;
  }

  #refusedAtOnce(error: HoldfastError): void {
    if (this.#isGone || error.code === "OUTBOX_FULL") return;
    this.#breach(`An action was refused at once: ${error.message}`);
  }

  #reported(message: string, cause: unknown): void {
    // A reducer that throws, as some here do, and a network that fails.
    if (/optimistic reducer|cannot connect now/.test(message)) return;
    this.#breach(`The client reports: ${message} ${String(cause)}`);
  }
}

/** Whether it stands in the ledger when it is done. */
export function isEdit({ name }: Pick<ActionRecord, "name">): boolean {
  return name !== "peek" && name !== "waver";
}

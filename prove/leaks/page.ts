import {
  type Client,
  createClient,
  HoldfastError,
  type ModuleHandle,
  optimism,
  persistence,
} from "@holdfast/client";
import { PageEnvironment, type PageSurroundings } from "@holdfast/testing/world/page-environment";
import type { LeaksApp } from "./app.ts";
import { type BrowserGlobals, BrowserStorage, type Tenant } from "./browser-storage.ts";
import type { Canary } from "./canaries.ts";

type Handle<Name extends keyof LeaksApp["modules"]> = ModuleHandle<LeaksApp["modules"][Name]>;

/** One device: what its pages keep, and who is at it. */
export class Browser {
  /** Looks like the id of a session, and is one. */
  readonly session: string;
  readonly storage: BrowserStorage = new BrowserStorage();
  /** Whom `authenticate` returns. */
  user: string | null = null;
  pages: LeaksPage[] = [];

  constructor(session: string) {
    this.session = session;
  }

  get principal(): string {
    return this.user === null ? this.session : `user:${this.user}`;
  }
}

/** An action whose promise somebody holds. */
export interface Deed {
  readonly what: string;
  readonly canary: Canary | undefined;
  /** `undefined`: open. */
  outcome: string | undefined;
  /** When it was, or `Infinity`. */
  endedAt: number;
}

export interface PageParts {
  readonly browser: Browser;
  readonly label: string;
  readonly surroundings: Omit<PageSurroundings, "named" | "report">;
  /** Something that the page waits for has happened. */
  readonly later: (callback: () => void) => void;
  /** Something that a user or a developer reads. */
  readonly onText: (what: string, text: string) => void;
}

/** One page load: the real client, in a browser that is not there. */
export class LeaksPage {
  readonly browser: Browser;
  readonly label: string;
  readonly environment: PageEnvironment;
  readonly deeds: Deed[] = [];
  readonly todos: Handle<"todos">;
  readonly draft: Handle<"draft">;
  readonly profile: Handle<"profile">;
  readonly room: Handle<"room">;
  /** The same actions, shown before they are answered. */
  readonly foreseen: Handle<"todos">["actions"];
  isGone = false;
  readonly #client: Client<LeaksApp>;
  readonly #tenant: Tenant;
  readonly #onText: PageParts["onText"];
  #leave: (() => void)[] = [];

  constructor({ browser, label, surroundings, later, onText }: PageParts) {
    this.browser = browser;
    this.label = label;
    this.#onText = onText;
    this.#tenant = {
      later: (callback) => later(() => this.isGone || callback()),
      isGone: () => this.isGone,
    };
    this.environment = new PageEnvironment({
      ...surroundings,
      named: () => undefined,
      report: (message, cause) => onText("the console", `${message} ${String(cause)}`),
    });
    this.#client = within(browser.storage.globals(this.#tenant), () =>
      createClient<LeaksApp>({
        environment: this.environment.environment,
        optimism,
        persistence,
        warnBeforeUnload: false,
        principal: () => browser.principal,
        onRejected: ({ error }) => onText("onRejected", error.message),
      }),
    );
    this.todos = this.#client.persistedModule("todos");
    this.draft = this.#client.persistedModule("draft");
    this.profile = this.#client.persistedModule("profile");
    this.room = this.#client.persistedModule("room", "room1");
    this.foreseen = this.todos.optimistic(() => ({
      add: (draft, todo) => void draft.todos.push(todo),
      note: () => undefined,
    }));
  }

  /** Shows everything that there is. */
  open(): void {
    if (this.#leave.length > 0) return;
    const handles = [this.todos, this.draft, this.room];
    if (this.browser.user !== null) handles.push(this.profile as never);
    this.#leave = handles.map((handle) => handle.subscribe(() => undefined));
  }

  /** The last component is gone. */
  leave(): void {
    for (const leave of this.#leave.splice(0)) leave();
  }

  /** Does something, and keeps in mind what becomes of it. */
  do(what: string, canary: Canary | undefined, promise: Promise<unknown>): Deed {
    const deed: Deed = { what, canary, outcome: undefined, endedAt: Infinity };
    const { now } = this.environment.environment;
    this.deeds.push(deed);
    promise.then(
      () => {
        deed.outcome = "done";
        deed.endedAt = now();
        if (canary) canary.isDone = true;
      },
      (error: unknown) => {
        deed.outcome = error instanceof HoldfastError ? error.code : String(error);
        deed.endedAt = now();
        this.#onText(`the refusal of ${what}`, String(error));
      },
    );
    return deed;
  }

  /** The tab is gone, in the middle of whatever it did. */
  vanish(): void {
    this.isGone = true;
    this.environment.vanish();
    this.browser.storage.leave(this.#tenant);
    this.browser.pages = this.browser.pages.filter((page) => page !== this);
  }

  /** The client is closed, as a page that is left in peace. */
  close(): void {
    this.leave();
    this.#client.close();
  }
}

/** The client takes its database, locks and channels from the globals when it is made. */
function within<Made>(globals: BrowserGlobals, make: () => Made): Made {
  const { indexedDB, locks, BroadcastChannel } = globals;
  const stand = { indexedDB, navigator: { locks }, BroadcastChannel };
  const before = Object.keys(stand).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  for (const [name, value] of Object.entries(stand)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    return make();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

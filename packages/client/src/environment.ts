import { base64url } from "./base64url.ts";

/** What happens around a page that a connection has to know at once. */
export type PageSignal = "online" | "offline" | "visible" | "hidden";

/** A pending call of `setTimeout`, whatever the platform calls it. */
export type Timer = unknown;

/**
 * Everything that the client takes from the world: time, chance, network, page. Tests and the
 * deterministic world hand in their own; the default reads the globals of the browser. A plain
 * object: its functions are called without `this`.
 */
export interface Environment {
  /** The origin that serves the page, like `https://example.com`; `undefined` outside a page. */
  readonly origin: string | undefined;
  /** `undefined` where nothing may connect: on a server that renders. */
  readonly WebSocket: WebSocketConstructor | undefined;
  /** What the page may read of its cookies, like `a=1; b=2`; `undefined` outside a page. */
  readonly cookies?: string | undefined;
  /** Where a page keeps a session that is no cookie; `undefined`: it lasts as long as the page. */
  readonly storage?: Pick<Storage, "getItem" | "setItem"> | undefined;
  /** By which pages of one browser know of each other; `undefined` where they cannot. */
  readonly locks?: Pick<LockManager, "request"> | undefined;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since 1970, a whole number. */
  readonly now: () => number;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** An unguessable token of so many characters of base64url. */
  readonly randomToken: (length: number) => string;
  readonly setTimeout: (callback: () => void, milliseconds: number) => Timer;
  readonly clearTimeout: (timer: Timer) => void;
  readonly isOnline: () => boolean;
  readonly isVisible: () => boolean;
  /** Calls the listener at every signal, until the returned function is called. */
  readonly onPageSignal: (listener: (signal: PageSignal) => void) => () => void;
  /** Tells the developer what went wrong where no caller can be told. */
  readonly report: (message: string, cause?: unknown) => void;
}

/** The constructor of the platform's `WebSocket`, or of one that behaves like it. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocket;

/**
 * The environment of the page, or of a web worker of one. Globals are read when they are used, not
 * before: importing the client on a server touches nothing. A server has no `location`, and there
 * nothing connects; a program outside the browser that wants to connect hands in `{ WebSocket }`,
 * `fetch` and `host`.
 */
export const pageEnvironment: Environment = {
  get origin() {
    return globalThis.location?.origin;
  },
  get WebSocket() {
    return globalThis.location && globalThis.WebSocket;
  },
  get cookies() {
    return globalThis.document?.cookie;
  },
  get storage() {
    try {
      return globalThis.document && globalThis.localStorage;
    } catch {
      // A frame that may keep nothing.
      return undefined;
    }
  },
  get locks() {
    // Node has locks as well, which are of no browser. Types promise them, insecure pages have none.
    return globalThis.location && (navigator.locks as LockManager | undefined);
  },
  fetch: (url, init) => globalThis.fetch(url, init),
  now: () => Date.now(),
  random: () => Math.random(),
  // Six bits make a character: there are more bytes than needed.
  randomToken: (length) =>
    base64url(crypto.getRandomValues(new Uint8Array(length))).slice(0, length),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
  // True because timers come from `setTimeout` above and nowhere else.
  clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
  isOnline: () => globalThis.navigator?.onLine !== false,
  isVisible: () => globalThis.document?.visibilityState !== "hidden",
  onPageSignal: listenToPage,
  report: (message, cause) => console.error(message, ...(cause === undefined ? [] : [cause])),
};

/** That of the page, with other parts in it. Getters are asked when they are needed, not here. */
export function environmentWith(parts: Partial<Environment> = {}): Environment {
  return Object.create(pageEnvironment, Object.getOwnPropertyDescriptors(parts));
}

function listenToPage(listener: (signal: PageSignal) => void): () => void {
  // `visibilitychange` bubbles from the document; a web worker has none, and Node no events at all.
  const types = ["online", "offline", "visibilitychange"] as const;
  const handle = ({ type }: Event): void => {
    if (type === "online" || type === "offline") listener(type);
    else listener(pageEnvironment.isVisible() ? "visible" : "hidden");
  };
  for (const type of types) globalThis.addEventListener?.(type, handle);
  return () => {
    for (const type of types) globalThis.removeEventListener?.(type, handle);
  };
}

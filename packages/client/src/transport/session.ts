import { EXPLAIN, HoldfastError, type WireError } from "@holdfast/protocol";
import type { Environment } from "../environment.ts";
import { Timeout } from "../timeout.ts";

const ANSWER_DEADLINE_MS = 10_000;
const JSON_TYPE = "application/json";

/** Refusals that come in so short a time are of one kind. */
const IN_A_ROW_MS = 60_000;

/**
 * The browser's identity at one server: asked for once, before the first socket of the page, and
 * shared by all of a client's instances. It lives in a cookie, of which nothing is kept here. Where
 * cookies do not reach the server, since it is on another site or the browser keeps none, it is a
 * text, which the page stores and offers itself.
 */
export class Session {
  readonly #environment: Environment;
  readonly #url: string;
  #minted: Promise<void> | undefined;
  #isMinting = false;
  #text: string | undefined;
  /** The server did not get the cookie that it had just set. */
  #isCookieless = false;
  #refusedAt = -Infinity;

  constructor(environment: Environment, url: string) {
    this.#environment = environment;
    this.#url = url;
  }

  /**
   * Resolves once there is a session. All who ask while one is being minted share the request.
   *
   * @throws HoldfastError `ORIGIN_FORBIDDEN` or what the server said, when it refuses for good; any
   * other error when asking again may help
   */
  ensure(): Promise<void> {
    this.#minted ??= this.#mint();
    return this.#minted;
  }

  /** The session that is no cookie, signed; `undefined`: it is one, or there is none yet. */
  get text(): string | undefined {
    return this.#text;
  }

  /**
   * The next `ensure()` mints a new one.
   *
   * @param isInvalid the server took what it was given for no session
   */
  renew(isInvalid: boolean): void {
    // Many sockets find out at the same moment: what is on its way is new enough for all of them.
    if (this.#isMinting || !this.#minted) return;
    this.#minted = undefined;
    if (!isInvalid) return;
    const now = this.#environment.now();
    if (now - this.#refusedAt < IN_A_ROW_MS) this.#isCookieless = true;
    this.#refusedAt = now;
  }

  async #mint(): Promise<void> {
    this.#isMinting = true;
    try {
      await this.#postInTurn();
    } catch (error) {
      // Whoever asks next asks the server again.
      this.#minted = undefined;
      throw error;
    } finally {
      this.#isMinting = false;
    }
  }

  /**
   * Pages that come at the same moment ask one after the other, and each brings what the one before
   * it was given. Where pages cannot know of each other, and after a wait as long as an answer may
   * take, a page asks all the same.
   */
  #postInTurn(): Promise<void> {
    const { locks, setTimeout } = this.#environment;
    return new Promise((resolve, reject) => {
      const post = (): Promise<void> => this.#post().then(resolve, reject);
      if (!locks) return void post();
      const abort = new AbortController();
      // Whoever has the lock by then is not concerned.
      setTimeout(() => abort.abort(), ANSWER_DEADLINE_MS);
      // It is the lock that fails, if anything: `post` does not.
      locks.request(this.#url, { signal: abort.signal }, post).catch(post);
    });
  }

  async #post(): Promise<void> {
    const { storage } = this.#environment;
    // What is stored may be newer than the page's own: of another page that came first.
    const sent = (this.#text = storage?.getItem(this.#url) ?? this.#text);
    const isText = sent !== undefined || this.#isCookieless;
    const response = await this.#answerInTime(
      isText ? { headers: { Accept: JSON_TYPE }, body: sent ?? "" } : {},
    );
    if (!response.ok) throw await this.#refusal(response);
    if (!response.headers.get("Content-Type")?.includes(JSON_TYPE)) return;
    // True because this is how the server answers; anything else is refused by it later.
    const { session } = (await response.json()) as { readonly session: string };
    // Another page of this browser may have been first.
    const other = sent === undefined ? storage?.getItem(this.#url) : null;
    this.#text = other ?? session;
    try {
      storage?.setItem(this.#url, this.#text);
    } catch {
      // Full: it lasts as long as the page.
    }
  }

  /** A link that was lost a moment ago leaves a request without an answer, for minutes. */
  #answerInTime(how: RequestInit): Promise<Response> {
    const { fetch } = this.#environment;
    const abort = new AbortController();
    const deadline = new Timeout(this.#environment);
    return new Promise<Response>((resolve, reject) => {
      deadline.set(ANSWER_DEADLINE_MS, () => {
        reject(new Error(`POST ${this.#url} was not answered.`));
        abort.abort();
      });
      fetch(this.#url, { ...how, method: "POST", credentials: "include", signal: abort.signal })
        .then(resolve, reject)
        .finally(() => deadline.clear());
    });
  }

  /** For good, if the server explains itself or could have; otherwise asking again may help. */
  async #refusal(response: Response): Promise<Error> {
    const { status } = response;
    if (status !== 403) {
      return new Error(
        `POST ${this.#url} answered ${status}.${EXPLAIN ? " Is `host` the address of the Holdfast server?" : ""}`,
      );
    }
    // True because this is how the server explains itself; whoever else answers may have no JSON.
    const body = (await response.json().catch(() => undefined)) as
      | { readonly error?: WireError }
      | undefined;
    return new HoldfastError(
      body?.error?.code ?? "ORIGIN_FORBIDDEN",
      body?.error?.message ??
        (EXPLAIN && "The server refuses this page (403). Is its origin among `allowedOrigins`?"),
    );
  }
}

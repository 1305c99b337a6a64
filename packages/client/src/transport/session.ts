import { EXPLAIN, HoldfastError, type WireError } from "@holdfast/protocol";
import type { Environment } from "../environment.ts";

const ANSWER_DEADLINE_MS = 10_000;

/**
 * The browser's identity at one server: asked for once, before the first socket of the page, and
 * shared by all of a client's instances. It lives in a cookie; nothing of it is kept here.
 */
export class Session {
  readonly #environment: Environment;
  readonly #url: string;
  #minted: Promise<void> | undefined;
  #isMinting = false;

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

  /** The next `ensure()` mints a new one. */
  renew(): void {
    // Many sockets find out at the same moment: what is on its way is new enough for all of them.
    if (!this.#isMinting) this.#minted = undefined;
  }

  async #mint(): Promise<void> {
    this.#isMinting = true;
    try {
      await this.#post();
    } catch (error) {
      // Whoever asks next asks the server again.
      this.#minted = undefined;
      throw error;
    } finally {
      this.#isMinting = false;
    }
  }

  async #post(): Promise<void> {
    const response = await this.#answerInTime();
    if (response.status === 403) throw await refusal(response);
    if (response.ok) return;
    throw new Error(
      `POST ${this.#url} answered ${response.status}.${EXPLAIN ? " Is `host` the address of the Holdfast server?" : ""}`,
    );
  }

  /** A link that was lost a moment ago leaves a request without an answer, for minutes. */
  #answerInTime(): Promise<Response> {
    const { fetch, setTimeout, clearTimeout } = this.#environment;
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(new Error(`POST ${this.#url} was not answered.`));
        abort.abort();
      }, ANSWER_DEADLINE_MS);
      fetch(this.#url, { method: "POST", credentials: "include", signal: abort.signal })
        .then(resolve, reject)
        .finally(() => clearTimeout(deadline));
    });
  }
}

async function refusal(response: Response): Promise<HoldfastError> {
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

/** One browser: its pages share their cookies. */
export class TestBrowser {
  readonly #cookies = new Map<string, { readonly value: string; readonly isReadable: boolean }>();

  /** All of them, as they go with a request. */
  get sent(): string {
    return this.#text(() => true);
  }

  /** Those that a page may read. */
  get readable(): string {
    return this.#text(({ isReadable }) => isReadable);
  }

  take(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split(/;\s*/);
      const at = pair.indexOf("=");
      const isReadable = !attributes.some((attribute) => /^httponly$/i.test(attribute));
      this.#cookies.set(pair.slice(0, at), { value: pair.slice(at + 1), isReadable });
    }
  }

  #text(isWanted: (cookie: { readonly isReadable: boolean }) => boolean): string {
    return [...this.#cookies]
      .filter(([, cookie]) => isWanted(cookie))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
  }
}

import { EXPLAIN, HoldfastError } from "@holdfast/protocol";

/** Where an app's server listens, and how its instances are addressed there. */
export interface Address {
  /** Of the server's Holdfast, like `https://example.com/holdfast`. */
  readonly base: string;
  readonly session: string;
  connect(module: string, key: string | undefined): string;
}

/**
 * @param host `https://example.com`, `example.com/base`; without a scheme it is the page's, or https
 * @throws HoldfastError `DEFINITION_INVALID` for what is no address
 */
export function addressOf(host: string, pageOrigin: string | undefined): Address {
  const base = baseUrl(host, pageOrigin).replace(/\/+$/, "") + "/holdfast";
  return {
    base,
    session: `${base}/session`,
    connect(module, key) {
      // http: becomes ws:, https: becomes wss:.
      const url = `${base.replace(/^http/, "ws")}/connect/${encodeURIComponent(module)}`;
      return key === undefined ? url : `${url}?key=${encodeURIComponent(key)}`;
    },
  };
}

function baseUrl(host: string, pageOrigin: string | undefined): string {
  try {
    // Without a scheme it takes that of the page.
    const url = /^\w+:\/\//.test(host) ? host.replace(/^ws/, "http") : `//${host}`;
    const { origin, pathname } = new URL(url, pageOrigin ?? "https://page.invalid");
    return origin + pathname;
  } catch (cause) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      EXPLAIN &&
        `The host "${host}" is no address. Write it like https://example.com, or leave it out for the page's own.`,
      { cause },
    );
  }
}

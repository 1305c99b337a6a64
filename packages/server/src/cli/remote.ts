import { ExitCode, Failure, type Surroundings, text, type Values } from "./command.ts";

/** Options of every command that asks a running server. */
export const REMOTE_OPTIONS = {
  url: { type: "string" },
  insecure: { type: "boolean" },
} as const;

export const REMOTE_HELP = `  --url <address>   the server's, https://app.example; default: HOLDFAST_URL
  --insecure        sends the token over http to another machine all the same

The token is read from HOLDFAST_ADMIN_TOKEN: an option would be seen by everybody on this machine.
The server has to have the same one, of at least 24 characters.`;

/** Which instance, as it was named. */
export interface InstanceRef {
  readonly module: string;
  readonly key: string | undefined;
}

/** What a server says of its modules. */
export interface ModuleList {
  readonly modules: readonly {
    readonly name: string;
    /** What storage calls it, and backups. */
    readonly stored: string;
    readonly keys: string;
    /** Of the shape of the state. */
    readonly version: number;
  }[];
}

/** The admin surface of a running server. */
export class Remote {
  readonly #url: URL;
  readonly #token: string;
  readonly #progress: Surroundings["progress"];

  /** @throws Failure where it is not said which server, or with which token */
  constructor(values: Values, { env, progress }: Surroundings) {
    this.#progress = progress;
    const url = text(values, "url") ?? env["HOLDFAST_URL"];
    if (!url || !URL.canParse(url)) {
      throw new Failure(
        url
          ? `"${url}" is no address. Write it in full: https://app.example`
          : "Which server? Give its address: --url https://app.example, or set HOLDFAST_URL.",
        ExitCode.usage,
      );
    }
    const token = env["HOLDFAST_ADMIN_TOKEN"];
    if (!token) {
      throw new Failure(
        "HOLDFAST_ADMIN_TOKEN is not set here. Set it to the one that the server has.",
        ExitCode.usage,
      );
    }
    this.#url = new URL(url);
    this.#token = token;
    const { protocol, hostname } = this.#url;
    if (protocol === "http:" && !LOCAL.has(hostname) && values["insecure"] !== true) {
      throw new Failure(
        `The token would go to ${hostname} in the clear. Use https, or say --insecure.`,
        ExitCode.usage,
      );
    }
  }

  /** @throws Failure with what the server says */
  async get(
    task: "export" | "inspect",
    instance: InstanceRef | undefined,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { body } = await this.#ask(task, instance, { parameters });
    const decoder = new TextDecoder();
    let [text, bytes] = ["", 0];
    for await (const part of body ?? []) {
      text += decoder.decode(part, { stream: true });
      bytes += part.length;
      this.#progress(`Received ${megabytes(bytes)}`);
    }
    return text + decoder.decode();
  }

  /** @throws Failure with what the server says */
  async import(instance: InstanceRef, backup: string): Promise<void> {
    this.#progress(`Sending ${megabytes(Buffer.byteLength(backup))}`);
    await this.#ask("import", instance, { body: backup });
  }

  async #ask(
    task: string,
    instance: InstanceRef | undefined,
    { body, parameters = {} }: { body?: string; parameters?: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const url = new URL(`/holdfast/admin/${task}`, this.#url);
    if (instance) url.searchParams.set("module", instance.module);
    if (instance?.key !== undefined) url.searchParams.set("key", instance.key);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const headers = { Authorization: `Bearer ${this.#token}` };
    let response: Response;
    try {
      // Elsewhere the token is nobody's business.
      const init = { headers, redirect: "error" } as const;
      response = await fetch(url, body === undefined ? init : { ...init, method: "POST", body });
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
      throw new Failure(
        `${this.#url.origin} cannot be reached${why && ` (${why})`}. Is the server running, and the address right?`,
        ExitCode.failed,
        { cause },
      );
    }
    if (response.ok) return response;
    throw new Failure(await refusalOf(response, this.#url.origin));
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

async function refusalOf(response: Response, origin: string): Promise<string> {
  const body = await response.text();
  try {
    // A refusal of Holdfast's own; anything else is shown as it is.
    const { error } = JSON.parse(body) as { error: { code: string; message: string } };
    return `${error.message} (${error.code})`;
  } catch {
    if (response.status !== 404) return `${origin} answered ${response.status}: ${body}`;
    return `${origin} has no admin surface for this token. Is HOLDFAST_ADMIN_TOKEN set there, to the same, of at least 24 characters? Is it a Holdfast server at all?`;
  }
}

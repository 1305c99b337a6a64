import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";

const NO_REDIS = `No redis-server was found, and the tests of redisStore need one.

  Debian, Ubuntu   sudo apt-get install redis-server
  macOS            brew install redis
`;

/** A Redis of its own, on a socket in a folder of its own, with nothing on disk. */
export class RedisServer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /** @throws Error that says how to get one where there is none */
  static async start(program = "redis-server"): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-redis-"));
    // A socket in the file system: no port that somebody else might take.
    const args = [
      "--port",
      "0",
      "--unixsocket",
      join(folder, "socket"),
      "--save",
      "",
      "--dir",
      folder,
    ];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve, reject) => {
      child.on("error", (cause) => reject(new Error(NO_REDIS, { cause })));
      child.on("exit", (code) => reject(new Error(`redis-server ended with ${code}.`)));
      child.stdout.on("data", (data) => {
        if (String(data).includes("ready to accept connections")) resolve();
      });
    });
    return new RedisServer(child, folder);
  }

  async connect(): Promise<Awaited<ReturnType<typeof connect>>> {
    return connect(join(this.#folder, "socket"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
    await rm(this.#folder, { recursive: true });
  }
}

async function connect(path: string) {
  return await createClient({ socket: { path, tls: false } }).connect();
}

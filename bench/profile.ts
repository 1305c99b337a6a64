import { WebSocket } from "ws";
import type { Workerd } from "@holdfast/testing/workerd";

/** One function's share of the samples of a CPU profile. */
export interface HotFunction {
  readonly name: string;
  /** Per cent of the samples in which it was itself running, not what it called. */
  readonly self: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

/**
 * Where the CPU of workerd's JavaScript goes while `work` runs, through V8's inspector. The server
 * has to be started with `inspector: true`, which costs time itself: for finding out, not for
 * figures.
 */
export async function profiled(server: Workerd, work: () => Promise<void>): Promise<HotFunction[]> {
  const inspector = await Inspector.connect(server.inspectorPort);
  try {
    await inspector.call("Profiler.enable");
    await inspector.call("Profiler.setSamplingInterval", { interval: 100 });
    await inspector.call("Profiler.start");
    await work();
    // What the inspector's protocol says of Profiler.stop.
    const { profile } = (await inspector.call("Profiler.stop")) as {
      profile: { nodes: ProfileNode[]; samples: number[] };
    };
    return hottest(profile.nodes, profile.samples);
  } finally {
    inspector.close();
  }
}

function hottest(nodes: readonly ProfileNode[], samples: readonly number[]): HotFunction[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? "(unknown)";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, self: (count * 100) / samples.length }))
    .toSorted((a, b) => b.self - a.self);
}

function nameOf({ functionName, lineNumber }: ProfileNode["callFrame"]): string {
  return functionName.startsWith("(")
    ? functionName
    : `${functionName || "(anonymous)"}:${lineNumber + 1}`;
}

class Inspector {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, (result: unknown) => void>();
  #id = 0;

  static async connect(port: number): Promise<Inspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const url = targets[0]?.webSocketDebuggerUrl;
    if (url === undefined) throw new Error("workerd's inspector names no target");
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return new Inspector(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      // The inspector's protocol: answers carry the id of their call.
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (message.id === undefined) return;
      this.#calls.get(message.id)?.(message.result);
      this.#calls.delete(message.id);
    });
  }

  call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#calls.set(id, resolve));
  }

  close(): void {
    this.#socket.close();
  }
}

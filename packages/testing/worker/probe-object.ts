import { PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import { DurableObject } from "cloudflare:workers";
import { Probe, type ProbeSocket } from "@holdfast/testing/conformance/probe";

/** A Durable Object that does what its peers tell it to, in the way of `ModuleObject`. */
export class ProbeObject extends DurableObject {
  readonly #probe: Probe;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
    const { storage } = state;
    this.#probe = new Probe({
      run: (sql, ...bindings) => storage.sql.exec(sql, ...bindings).toArray(),
      transaction: (work) => storage.transactionSync(work),
      sockets: () =>
        state
          .getWebSockets()
          .filter(({ readyState }) => readyState === WebSocket.OPEN)
          .map(asProbeSocket),
      after: (milliseconds, callback) => void setTimeout(callback, milliseconds),
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      abort: () => state.abort("planned by the script"),
    });
  }

  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void | Promise<void> {
    return this.#probe.message(asProbeSocket(socket), String(frame));
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#probe.closed(asProbeSocket(socket));
    try {
      socket.close(code === 1005 || code === 1006 ? 1000 : code, reason);
    } catch {
      // Closed already.
    }
  }
}

function asProbeSocket(socket: WebSocket): ProbeSocket {
  return {
    send: (text) => {
      try {
        socket.send(text);
      } catch {
        // The socket is closed.
      }
    },
    close: (code, reason) => socket.close(code, reason),
    remember: (value) => socket.serializeAttachment(value),
    // Nothing else is remembered.
    recall: () => (socket.deserializeAttachment() ?? undefined) as { note: string } | undefined,
  };
}

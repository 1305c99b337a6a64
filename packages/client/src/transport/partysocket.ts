import ReconnectingWebSocket from "partysocket/ws";
import type { WebSocketConstructor } from "../environment.ts";

/** partysocket's own timers are off: the ones of the environment do their work. */
const NEVER_MS = 0x7fffffff;

/** Where and how to connect next. */
export interface Admission {
  readonly url: string;
  readonly protocols: readonly string[];
}

export interface SocketOptions {
  readonly WebSocket: WebSocketConstructor;
  /**
   * Asked before every attempt, and waited for: delays, the session and the token are in here.
   * Never rejects; a promise that stays open ends the attempts.
   */
  readonly admit: () => Promise<Admission>;
  /** A fresh socket exists; it is not open yet. */
  readonly onAttempt: () => void;
  readonly onOpen: () => void;
  readonly onMessage: (data: unknown) => void;
  /** The link is gone; answers whether to connect again. Not called after `close()`. */
  readonly onClose: (code: number) => boolean;
}

/** A socket that replaces itself. Nothing is queued: what is sent while it is not open is lost. */
export interface Socket {
  readonly unsentBytes: number;
  send(text: string): void;
  /** Gives up the link at hand, whatever its state, and connects again. */
  restart(): void;
  close(): void;
}

/**
 * partysocket, with what it has no good answer to taken over: its queue (flushed before anybody saw
 * `open`), its delays (no jitter) and its timeouts (bare timers). What is left is what it is good
 * at: replacing a socket while nothing of the old one is heard any more.
 */
export function openSocket(options: SocketOptions): Socket {
  let closed = false;
  let admission: Promise<Admission>;
  const socket = new ReconnectingWebSocket(
    () => {
      admission = options.admit();
      return admission.then(({ url }) => url);
    },
    () =>
      admission.then(({ protocols }) => {
        // The last step before the socket is made.
        if (!closed) options.onAttempt();
        return [...protocols];
      }),
    {
      WebSocket: options.WebSocket,
      maxEnqueuedMessages: 0,
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      minUptime: NEVER_MS,
      connectionTimeout: NEVER_MS,
      startClosed: true,
      shouldReconnectOnClose: ({ code }) => !closed && options.onClose(code),
    },
  );
  // Before an attempt it waits for a bare timer, of 0 ms here, which a hidden page stretches to a
  // second and which no virtual clock sees. Where the method is gone, it merely waits again.
  Object.defineProperty(socket, "_wait", { value: () => Promise.resolve() });
  socket.onopen = () => options.onOpen();
  socket.onmessage = ({ data }) => options.onMessage(data);
  socket.reconnect();
  return {
    get unsentBytes() {
      return socket.bufferedAmount;
    },
    send(text) {
      if (!closed) socket.send(text);
    },
    restart() {
      socket.reconnect();
    },
    close() {
      closed = true;
      socket.close();
    },
  };
}

import {
  type ClientMessage,
  decodeClientFrame,
  HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { Connection } from "./connection.ts";

/**
 * The messages of a frame, each in its shape and in its place.
 *
 * @throws HoldfastError for whatever is wrong with them
 */
export function readFrame(
  connection: Connection,
  frame: string | ArrayBuffer,
  limits: Limits,
): ClientMessage[] {
  const messages = decodeClientFrame(frame, limits);
  checkOrder(connection, messages);
  return messages;
}

/** What only the connection's own past can tell of a frame. */
function checkOrder(connection: Connection, messages: readonly ClientMessage[]): void {
  let clients = connection.meta.clients;
  for (const message of messages) {
    if (message.type === "hello") {
      clients = message.clients.map(({ id }) => id);
    } else if (!clients) {
      throw new HoldfastError(
        "MALFORMED_FRAME",
        "The first message on a socket is hello. The client is not a Holdfast client, or out of date.",
      );
    } else if ("client" in message && !clients.includes(message.client)) {
      throw new HoldfastError(
        "MALFORMED_FRAME",
        "An action names a client id that hello did not. The client is not a Holdfast client, or out of date.",
      );
    }
  }
}

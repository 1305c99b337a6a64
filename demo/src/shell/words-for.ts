import type { ErrorCode, HoldfastError } from "@holdfast/client";

/**
 * What an error says to whoever uses the page. The author's own refusals come with their words; for
 * what Holdfast itself gives up, the page has some: its messages are for developers.
 */
export function wordsFor({ code, message }: HoldfastError): string {
  return WORDS[code] ?? message;
}

const WORDS: Partial<Record<ErrorCode, string>> = {
  CONFLICT: "Something else has changed the same place meanwhile.",
  KEY_CHANGED: "It was meant for another account than the one that is signed in now.",
  OUTCOME_UNKNOWN: "Nobody can tell any more whether it was done.",
  DISCARDED: "It was given up before it was sent.",
  OUTBOX_FULL: "Too much waits to be sent already. Wait for a connection.",
  CLOSED: "The page has been disconnected. Load it again.",
};

/**
 * The number of the wire protocol: bumped whenever the meaning or the shape of a message changes.
 * `schema.test.ts` hashes the message schema, so that nobody changes the wire without noticing.
 */
export const PROTOCOL_VERSION = 1;

/** The number of the value codec. Every stored row names it; the wire protocol is numbered apart. */
export const CODEC_VERSION = 1;

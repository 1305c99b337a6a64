/**
 * The number of the wire protocol: bumped whenever the meaning or the shape of a message changes.
 * `schema.test.ts` hashes the message schema, so that nobody changes the wire without noticing.
 */
export const PROTOCOL_VERSION = 2;

/**
 * The oldest number that a host still serves: pages live through deploys, and what they do not know,
 * they are not sent.
 */
export const OLDEST_PROTOCOL = 1;

/** The number in which the shape of a commit changed last: what a journal names its texts by. */
export const COMMIT_PROTOCOL = 1;

/** The number of the value codec. Every stored row names it; the wire protocol is numbered apart. */
export const CODEC_VERSION = 1;

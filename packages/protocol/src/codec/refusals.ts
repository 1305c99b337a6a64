import { EXPLAIN } from "#explain";

/*
 * Why a value is refused, by encoding and cloning alike, and what to do: the ends of sentences that
 * begin with its path.
 */

export const SYMBOL_KEY: string | false =
  EXPLAIN && "has a symbol as a key, which no copy can keep. Use a string.";

export const PROTO_KEY: string | false =
  EXPLAIN && 'has a key "__proto__", which would change prototypes. Rename it.';

export const HOLE: string | false =
  EXPLAIN && "is a hole in a sparse array. Fill it, with null or undefined.";

export const MAP_KEY: string | false =
  EXPLAIN && "is a Map with a key that is not a primitive, which cannot be found again. Use an id.";

export const SET_MEMBER: string | false =
  EXPLAIN && "is a Set with a member that is not a primitive. Use ids, or an array.";

export const LONG_BIGINT: string | false =
  EXPLAIN && "is a bigint of more than 10,000 digits. Store it as a typed array.";

export const SHARED_MEMORY: string | false =
  EXPLAIN &&
  "is a view of shared memory, which others could change. Copy it: new Uint8Array(view).";

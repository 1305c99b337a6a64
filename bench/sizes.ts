/** The sizes of state that every figure of a server is taken at. */
export const SIZES = [
  { name: "1 KB", key: "small", bytes: 1_000 },
  { name: "100 KB", key: "middle", bytes: 100_000 },
  { name: "1 MB", key: "large", bytes: 1_000_000 },
  { name: "10 MB", key: "huge", bytes: 10_000_000 },
] as const;

export type Size = (typeof SIZES)[number];

export const LARGE: Size = SIZES[2];

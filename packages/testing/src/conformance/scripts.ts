import type { Deed } from "./probe.ts";

/** What a script has its peers, or the platform, do. Behind each move everything comes to rest. */
export type Move =
  | { readonly open: string }
  /** Several messages are sent in one go. */
  | { readonly peer: string; readonly says: readonly (readonly Deed[])[] }
  /** Says, and closes at once behind it. */
  | {
      readonly peer: string;
      readonly says: readonly (readonly Deed[])[];
      readonly closes: readonly [code?: number, reason?: string];
    }
  | { readonly peer: string; readonly pings: true }
  /** Memory goes, sockets stay. */
  | { readonly hibernate: true };

export interface MicroScript {
  readonly name: string;
  readonly moves: readonly Move[];
  /** What each peer hears, in order; a close as `closed 1000 reason`, a link that broke as `closed 1006`. */
  readonly hears: Readonly<Record<string, readonly string[]>>;
}

/**
 * The facts of DESIGN 7 that the world's imitation of the platform rests upon, one by one. Each runs
 * on the imitation and on workerd, and both must come to what stands here: an imitation that is
 * kinder than the platform is found out.
 */
export const MICRO_SCRIPTS: readonly MicroScript[] = [
  {
    name: "frames arrive in order, each way",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            ["say", "1"],
            ["say", "2"],
          ],
          [["say", "3"]],
          [["say", "4"]],
        ],
      },
    ],
    hears: { a: ["1", "2", "3", "4"] },
  },
  {
    name: "a handler that throws takes nothing back: not its rows, not what it sent, not its socket",
    moves: [
      { open: "a" },
      { peer: "a", says: [[["put", "k", "1"], ["say", "sent"], ["throw"]]] },
      { peer: "a", says: [[["tell", "k"], ["step"]]] },
    ],
    hears: { a: ["sent", "k = 1", "step 1"] },
  },
  {
    name: "a transaction that throws takes its rows back, and neither memory nor what it sent",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            ["put", "k", "before"],
            ["transaction", [["put", "k", "inside"], ["step"], ["say", "inside"]], true],
            ["tell", "k"],
            ["step"],
          ],
        ],
      },
    ],
    hears: { a: ["step 1", "inside", "k = before", "step 2"] },
  },
  {
    name: "a transaction inside another is taken back alone, and with it",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            [
              "transaction",
              [
                ["put", "k", "outer"],
                ["transaction", [["put", "k", "inner"]], true],
                ["tell", "k"],
              ],
              false,
            ],
            ["tell", "k"],
            [
              "transaction",
              [
                ["transaction", [["put", "k", "inner"]], false],
                ["tell", "k"],
              ],
              true,
            ],
            ["tell", "k"],
          ],
        ],
      },
    ],
    hears: { a: ["k = outer", "k = outer", "k = inner", "k = outer"] },
  },
  {
    name: "handlers interleave where they await, also on one socket",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            ["say", "slow begins"],
            ["await", 30],
            ["say", "slow ends"],
          ],
          [["say", "quick"]],
        ],
      },
    ],
    hears: { a: ["slow begins", "quick", "slow ends"] },
  },
  {
    name: "rows that were written before an await stay when the handler throws behind it",
    moves: [
      { open: "a" },
      { peer: "a", says: [[["put", "k", "1"], ["await", 5], ["put", "k", "2"], ["throw"]]] },
      { peer: "a", says: [[["tell", "k"]]] },
    ],
    hears: { a: ["k = 2"] },
  },
  {
    name: "a timer does what it was set for",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            [
              "later",
              20,
              [
                ["put", "k", "1"],
                ["tell", "k"],
              ],
            ],
            ["tell", "k"],
          ],
        ],
      },
    ],
    hears: { a: ["k = nothing", "k = 1"] },
  },
  {
    name: "hibernation takes memory, and leaves rows, sockets and what they are remembered by",
    moves: [
      { open: "a" },
      { open: "b" },
      { peer: "a", says: [[["step"], ["put", "k", "1"], ["remember", "first"]]] },
      { hibernate: true },
      { peer: "b", says: [[["step"], ["recall"], ["count"]]] },
      { peer: "a", says: [[["step"], ["tell", "k"], ["recall"], ["shout", "both"]]] },
    ],
    hears: {
      a: ["step 1", "step 2", "k = 1", "note first", "both"],
      b: ["step 1", "note none", "2 open", "both"],
    },
  },
  {
    name: "a ping is answered without waking anybody",
    moves: [
      { open: "a" },
      { peer: "a", says: [[["step"]]] },
      { peer: "a", pings: true },
      { hibernate: true },
      { peer: "a", pings: true },
      { peer: "a", says: [[["step"]]] },
    ],
    hears: { a: ["step 1", "pong", "pong", "step 1"] },
  },
  {
    name: "a close tells the peer its code and reason, and nothing comes behind it",
    moves: [
      { open: "a" },
      {
        peer: "a",
        says: [
          [
            ["say", "before"],
            ["close", 4008, "slow"],
            ["say", "behind"],
          ],
        ],
      },
    ],
    hears: { a: ["before", "closed 4008 slow"] },
  },
  {
    name: "what a peer sends behind a close that it has not heard of is heard all the same",
    moves: [
      { open: "a" },
      { open: "b" },
      {
        peer: "a",
        says: [
          [["close", 4000, "enough"]],
          [
            ["put", "k", "late"],
            ["shout", "late"],
          ],
        ],
      },
      { peer: "b", says: [[["tell", "k"], ["count"]]] },
    ],
    hears: { a: ["closed 4000 enough"], b: ["late", "k = late", "1 open"] },
  },
  {
    name: "what a peer sends before it closes is heard, and its close is answered with its own code",
    moves: [
      { open: "a" },
      { open: "b" },
      { peer: "a", says: [[["put", "k", "1"]]], closes: [4321, "bye"] },
      { peer: "b", says: [[["tell", "k"], ["count"]]] },
    ],
    hears: { a: ["closed 4321 bye"], b: ["k = 1", "1 open"] },
  },
  {
    name: "a close without a code is answered with 1000",
    moves: [{ open: "a" }, { peer: "a", says: [], closes: [] }],
    hears: { a: ["closed 1000 "] },
  },
  {
    name: "a socket that was closed before hibernation is not handed out behind it",
    moves: [
      { open: "a" },
      { open: "b" },
      { peer: "a", says: [[["close", 4000, "gone"]]] },
      { hibernate: true },
      { peer: "b", says: [[["count"], ["shout", "who is there"]]] },
    ],
    hears: { a: ["closed 4000 gone"], b: ["1 open", "who is there"] },
  },
  {
    name: "a close is heard by what is in memory; the socket is open no more",
    moves: [
      { open: "a" },
      { open: "b" },
      { peer: "a", says: [[["remember", "ann"]]] },
      { peer: "a", says: [], closes: [4321, "bye"] },
      { peer: "b", says: [[["count"]]] },
    ],
    hears: { a: ["closed 4321 bye"], b: ["ann is gone, 1 open", "1 open"] },
  },
  {
    name: "a close wakes what hibernates, which has what the socket was remembered by; it is open no more",
    moves: [
      { open: "a" },
      { open: "b" },
      { open: "c" },
      { peer: "a", says: [[["step"], ["remember", "ann"]]] },
      { peer: "c", says: [[["remember", "cal"]]] },
      { hibernate: true },
      { peer: "a", says: [], closes: [4321, "bye"] },
      { hibernate: true },
      { peer: "c", says: [], closes: [4322, "bye"] },
      { peer: "b", says: [[["step"], ["count"]]] },
    ],
    hears: {
      a: ["step 1", "closed 4321 bye"],
      b: ["ann is gone, 2 open", "cal is gone, 1 open", "step 1", "1 open"],
      c: ["ann is gone, 2 open", "closed 4322 bye"],
    },
  },
  {
    name: "a socket that was closed in the same event is open no more",
    moves: [
      { open: "a" },
      { open: "b" },
      {
        peer: "a",
        says: [
          [
            ["close", 4000, "gone"],
            ["shout", "who is there"],
          ],
        ],
      },
    ],
    hears: { a: ["closed 4000 gone"], b: ["who is there"] },
  },
  {
    name: "what is sent before a write does not wait for it: an end behind it takes the row alone",
    moves: [
      { open: "a" },
      { peer: "a", says: [[["say", "told"], ["await", 30], ["put", "k", "lost"], ["abort"]]] },
      { open: "b" },
      { peer: "b", says: [[["tell", "k"]]] },
    ],
    hears: { a: ["told", "closed 1006"], b: ["k = nothing"] },
  },
  {
    name: "what handlers wrote before an end goes with what they had not sent, whoever wrote it",
    moves: [
      { open: "a" },
      { open: "b" },
      {
        peer: "a",
        says: [
          [["await", 20], ["put", "k", "lost"], ["shout", "lost"], ["abort"]],
          [["say", "quick"]],
        ],
      },
      { open: "c" },
      { peer: "c", says: [[["tell", "k"]]] },
    ],
    hears: { a: ["quick", "closed 1006"], b: ["closed 1006"], c: ["k = nothing"] },
  },
  {
    name: "an end in the middle of an event takes its rows and what waits behind them, and closes all",
    moves: [
      { open: "a" },
      { peer: "a", says: [[["put", "k", "stored"]]] },
      { peer: "a", says: [[["put", "k", "lost"], ["say", "lost"], ["abort"]]] },
      { open: "c" },
      { peer: "c", says: [[["tell", "k"], ["step"], ["count"]]] },
    ],
    hears: { a: ["closed 1006"], c: ["k = stored", "step 1", "1 open"] },
  },
];

import type { ActionMessage, ClientMessage, HelloMessage } from "../messages/client-message.ts";
import type { CommitMessage, ServerMessage } from "../messages/server-message.ts";

export const HELLO: HelloMessage = {
  type: "hello",
  protocol: 1,
  clients: [
    { id: "Zk3vLx8Qp_0aT-9bRwYcMd", settled: 0 },
    { id: "b", settled: 12 },
  ],
  epoch: "epoch-1",
  version: 41,
  mark: "mArK_1",
  schema: "1.abc",
};

export const ACTION: ActionMessage = {
  type: "action",
  client: "b",
  seq: 13,
  settled: 12,
  name: "send",
  payload: { text: "hé\n", at: new Date(5), tags: new Set(["a", 1n]) },
};

/** Every message that a client sends, with and without what is optional. */
export const CLIENT_MESSAGES: readonly ClientMessage[] = [
  HELLO,
  { type: "hello", protocol: 1, clients: [] },
  { type: "hello", protocol: 1, clients: [], generation: 3 },
  ACTION,
  { type: "action", client: "b", seq: 1, settled: 0, name: "clear" },
  { type: "action", client: "b", seq: 1, settled: 0, name: "clear", payload: undefined },
  { type: "action", client: "b", seq: 1, settled: 0, name: "clear", now: 1_700_000_000_000 },
  { type: "patch", client: "b", seq: 2, settled: 0, base: 0, after: 0, patches: [] },
  {
    type: "patch",
    client: "b",
    seq: 3,
    settled: 1,
    base: 41,
    after: 2,
    patches: [
      { op: "replace", path: ["rooms", 1n, "x"], value: new Map([[undefined, -0]]) },
      { op: "splice", path: ["list"], index: 1, remove: 2, value: ["a", { b: NaN }] },
    ],
  },
  { type: "seen", read: 1 },
  { type: "presence" },
  { type: "presence", value: { at: [1, -0], since: new Date(7) } },
  { type: "absent" },
];

export const COMMIT: CommitMessage = {
  type: "commit",
  version: 42,
  mark: "mArK_2",
  patches: [
    { op: "add", path: ["rooms", 1n, "x"], value: new Map([[undefined, -0]]) },
    { op: "replace", path: [], value: { $: "Map" } },
    { op: "remove", path: ["list", 0] },
    { op: "splice", path: ["list"], index: 1, remove: 2, value: ["a", { b: NaN }] },
    { op: "order", path: ["list"], permutation: [1, 0] },
    { op: "members", path: ["set"], remove: [NaN, "x"], value: [null, 2n] },
    { op: "append", path: ["text"], value: "…\ud800" },
  ],
};

/** Every message that a host sends, with and without what is optional. */
export const SERVER_MESSAGES: readonly ServerMessage[] = [
  COMMIT,
  { type: "bound", generation: 2 },
  { type: "rebind" },
  { type: "resume", commits: [] },
  { type: "resume", commits: [COMMIT, { ...COMMIT, version: 43 }] },
  {
    type: "snapshot",
    epoch: "e",
    version: 0,
    mark: "",
    schema: "1.abc",
    state: { when: new Date(1), big: 2n ** 70n, list: [undefined, Infinity] },
  },
  { type: "ack", client: "b", seq: 13, version: 42 },
  { type: "ack", client: "b", seq: 13, version: 42, result: new Set([1]) },
  { type: "reject", client: "b", seq: 13, error: { code: "REFUSED", message: "no" } },
  { type: "busy", client: "b", seq: 13, retryAfter: 1_000 },
  { type: "gap", client: "b", seq: 13 },
  { type: "event", event: "joined", data: new Map([["who", undefined]]) },
  { type: "received", client: "b", seq: 13 },
  { type: "published", client: "b", seq: 13 },
  { type: "stale", client: "b", seq: 13 },
  { type: "present", others: [] },
  { type: "present", others: [{ id: "a", value: new Set([NaN]) }, { id: "b" }], you: "c" },
  { type: "stream", id: "s", from: 0, text: "" },
  { type: "stream", id: "s", from: 12, text: "…\ud800\n" },
  { type: "error", error: { code: "FORBIDDEN", message: "" } },
  { type: "chunk", index: 0, count: 2, text: '{"type":' },
];

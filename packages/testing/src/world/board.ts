import type { AppContract } from "@holdfast/protocol";
import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";
import { type Board, FAILURES } from "./edits.ts";
import { applyPart, entryOf, type Order, partsOf } from "./order.ts";

/** What an action answers. `secret` is for its sender only, and stands nowhere in the state. */
export interface Receipt {
  readonly secret: string;
  /** The length of the ledger behind it; of an asynchronous action 0. */
  readonly place: number;
}

/** The actions of a page; `tick` and `look` are the historian's. */
export type PageAction = "edit" | "peek" | "waver" | "serial" | "loose";

interface BoardContract {
  readonly state: Board;
  readonly actions: Record<PageAction, { parameters: [order: Order]; result: Receipt }>;
  readonly keys: "fixed";
  readonly presence: Shown;
}

/** What a page shows of its user: who, and how often that has changed. */
export interface Shown {
  readonly who: string;
  readonly n: number;
}

/** The app that pages and server of the world know. */
export interface WorldApp extends AppContract {
  readonly modules: { readonly board: BoardContract };
}

/** What actions are given of the world around them. */
export interface BoardEnv {
  /** Resolves after so long, if the process lives to see it; after 0 with the next microtask. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The action has written, or all that it has written is published or given up. */
  readonly writing: (id: string, isWriting: boolean) => void;
}

export const SECRET = "secret:";

/** Shorter than what some handlers take. */
const TIMEOUT_MS = 5_000;

/**
 * The module of the world: whatever happens to it can be read off its ledger. Every deploy adds a
 * field to the state that new instances begin with.
 */
export function createBoard(deploys: number, showsUsers = false): ModuleDefinition<BoardContract> {
  const serializable = { isolation: "serializable", timeout: TIMEOUT_MS } as const;
  const plain = app.defineState(emptyBoard(deploys)).persist(durableObjectStore(global()));
  const showing = plain.presence<Shown>();
  return (
    // Only of types it is another one: what nobody is shown, nobody sees.
    (showsUsers ? showing : (plain as unknown as typeof showing))
      .onAction("edit", ({ state, randomId }, order: Order): Receipt => {
        carryOut(state, order, randomId);
        return { secret: SECRET + order.id, place: state.ledger.length };
      })
      // Changes nothing, either way.
      .onAction("peek", ({ state }, order: Order): Receipt => {
        return { secret: SECRET + order.id, place: state.ledger.length };
      })
      .onAction("waver", ({ state, randomId }, order: Order): Receipt => {
        const { list, text } = state;
        list.push({ id: randomId(), title: "gone again", tags: new Set() });
        list.pop();
        state.text = "";
        state.text = text;
        return { secret: SECRET + order.id, place: state.ledger.length };
      })
      .onAction("serial", serializable, async (context, order: Order): Promise<Receipt> => {
        await takeTime(context, order);
        return { secret: SECRET + order.id, place: 0 };
      })
      .onAction(
        "loose",
        { timeout: TIMEOUT_MS },
        async (context, order: Order): Promise<Receipt> => {
          await takeTime(context, order);
          return { secret: SECRET + order.id, place: 0 };
        },
      )
      // What the historian does: small commits that leave no mark in the ledger,
      .onAction("tick", ({ state }) => {
        return ++state.ticks;
      })
      // and actions that change nothing.
      .onAction("look", ({ state }) => {
        return state.ticks;
      })
      .build()
  );
}

/** The whole of an action that does not await, on whatever kind of state. */
export function carryOut(state: Board, order: Order, randomId: () => string): void {
  for (const part of partsOf(order).keys()) applyPart(state, order, part, randomId);
  if (order.failure) FAILURES[order.failure](state);
}

interface AsyncContext {
  readonly state: Board;
  readonly env: unknown;
  readonly randomId: () => string;
  readonly commit: () => Promise<void>;
}

/** Outside the world nobody plays with time. */
const REAL_BOARD_ENV: BoardEnv = {
  pause: (milliseconds) =>
    milliseconds === 0
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, milliseconds)),
  writing: () => undefined,
};

/** The same, part by part: awaiting between edits, publishing between parts. */
async function takeTime(
  { state, env, randomId, commit }: AsyncContext,
  order: Order,
): Promise<void> {
  const { pause, writing } = isBoardEnv(env) ? env : REAL_BOARD_ENV;
  const parts = partsOf(order);
  try {
    for (const [part, { edits, before }] of parts.entries()) {
      if (part > 0) {
        await commit();
        writing(order.id, false);
      }
      if (before !== undefined) await pause(before);
      for (const edit of edits) {
        writing(order.id, true);
        edit.run(state, randomId);
        if (edit.pause !== undefined) await pause(edit.pause);
      }
      writing(order.id, true);
      state.ledger.push(entryOf(order, part));
    }
    if (order.pace?.last !== undefined) await pause(order.pace.last);
    if (order.failure) FAILURES[order.failure](state);
  } finally {
    writing(order.id, false);
  }
}

/** The state before any action, after so many deploys. */
export function emptyBoard(deploys: number): Board {
  const board: Board = {
    ledger: [],
    ticks: 0,
    counts: {},
    list: [],
    index: new Map(),
    members: new Set(),
    text: "",
    odd: {},
    deployed: {},
  };
  for (let deploy = 1; deploy <= deploys; deploy++) board.deployed[`field ${deploy}`] = [deploy];
  return board;
}

function isBoardEnv(env: unknown): env is BoardEnv {
  return typeof env === "object" && env !== null && "pause" in env;
}

import type { AppContract } from "@holdfast/protocol";
import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";
import { applyEdit, type Board, type EditName, FAILURES, type FailureName } from "./edits.ts";

/** What an action is told: its own name in the ledger, and what to do. */
export interface Order {
  readonly id: string;
  readonly seed: number;
  readonly edits: readonly EditName[];
  /** Comes last, when everything is written. */
  readonly failure?: FailureName;
}

/** What an action answers. `secret` is for its sender only, and stands nowhere in the state. */
export interface Receipt {
  readonly secret: string;
  /** The length of the ledger behind it. */
  readonly place: number;
}

/** The actions of a page; `tick` is the historian's. */
export type PageAction = "edit" | "peek" | "waver";

interface BoardContract {
  readonly state: Board;
  readonly actions: Record<PageAction, { parameters: [order: Order]; result: Receipt }>;
  readonly keys: "fixed";
}

/** The app that pages and server of the world know. */
export interface WorldApp extends AppContract {
  readonly modules: { readonly board: BoardContract };
}

export const SECRET = "secret:";

/**
 * The module of the world: whatever happens to it can be read off its ledger. Every deploy adds a
 * field to the state that new instances begin with.
 */
export function createBoard(deploys: number): ModuleDefinition<BoardContract> {
  return (
    app
      .defineState(emptyBoard(deploys))
      .persist(durableObjectStore(global()))
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
      // What the historian does: many small commits that leave no mark in the ledger.
      .onAction("tick", ({ state }) => {
        state.ticks++;
      })
      .build()
  );
}

/** The whole of an `edit`, on whatever kind of state. */
export function carryOut(state: Board, order: Order, randomId: () => string): void {
  for (const [index, name] of order.edits.entries()) {
    applyEdit(state, name, { seed: order.seed + index, randomId });
  }
  state.ledger.push(order.id);
  if (order.failure) FAILURES[order.failure](state);
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

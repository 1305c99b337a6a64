import { canonicalEncode, derivedId } from "@holdfast/protocol";
import { carryOut, emptyBoard } from "./board.ts";
import type { Board } from "./edits.ts";
import type { Historian } from "./historian.ts";
import type { ActionRecord, Page } from "./page.ts";
import type { World } from "./world.ts";

/** So many sockets may be opened in one second of the same page, while nobody touches it. */
const MOST_ATTEMPTS_PER_SECOND = 12;

/** Holds the world, at rest, against what the guarantees say of it. */
export function judge(world: World, historian: Historian): void {
  if (world.breaches.length > 0) return;
  // What storage has, as a process would find it that starts now.
  world.server.hibernate();
  world.server.wake();
  const { head } = world.history;
  if (!head) return world.breach("There is no state at the end");
  // The state of the world's only module.
  const board = head.state as unknown as Board;
  for (const page of world.livePages) {
    if (canonicalEncode(page.shown.state) !== head.text) {
      world.breach(`[G7] ${page.label} does not show what the server has`);
    }
  }
  const places = placesOf(world, board);
  for (const page of world.pages) judgeActions(world, page, places);
  judgeState(world, board, historian.done);
  for (const page of world.pages) judgeAttempts(world, page);
  for (const page of world.oldPages) judgeOldClient(world, page);
  historian.comeBack();
}

/** Where each action stands in the ledger. */
function placesOf(world: World, { ledger }: Board): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, id] of ledger.entries()) {
    if (places.has(id)) world.breach(`[G2] ${id} was applied twice`);
    places.set(id, place);
  }
  return places;
}

function judgeActions(world: World, page: Page, places: ReadonlyMap<string, number>): void {
  let last: { client: string; place: number } | undefined;
  let skipped: string | undefined;
  for (const action of page.actions) {
    const { name, order, client, outcome } = action;
    if (last?.client !== client) {
      last = { client, place: -1 };
      skipped = undefined;
    }
    const place = places.get(order.id);
    if (outcome.type === "open" && !page.isGone) world.breach(`${order.id} is still open`);
    if (place === undefined) {
      if (mustBeApplied(action))
        world.breach(`[G1] [G2] ${order.id} was acknowledged, and is lost`);
      if (mayNotBeSkipped(action)) skipped ??= order.id;
      continue;
    }
    if (name !== "edit" || outcome.type === "rejected") {
      world.breach(`[G4] ${order.id} left a trace`);
    }
    if (place < last.place) world.breach(`[G3] ${order.id} was applied before an earlier one`);
    if (skipped !== undefined) world.breach(`[G3] ${order.id} was applied, and ${skipped} was not`);
    last = { client, place };
    if (outcome.type === "resolved" && !action.isUndone && outcome.receipt.place !== place + 1) {
      world.breach(`[G2] ${order.id} was answered with another run's result`);
    }
  }
}

function mustBeApplied({ name, outcome, isUndone }: ActionRecord): boolean {
  return name === "edit" && outcome.type === "resolved" && !isUndone;
}

/** Those behind it may be applied only if it was: unless it was refused, or undone by a backup. */
function mayNotBeSkipped({ name, order, outcome, isUndone }: ActionRecord): boolean {
  return name === "edit" && order.failure === undefined && outcome.type === "open" && !isUndone;
}

/** The same actions in the same order on plain objects give the same state. */
function judgeState(world: World, { ledger }: Board, ticks: number): void {
  const actions = new Map<string, ActionRecord>();
  for (const page of world.pages) {
    for (const action of page.actions) actions.set(action.order.id, action);
  }
  const model = emptyBoard(world.deploys);
  model.ticks = ticks;
  for (const id of ledger) {
    const action = actions.get(id);
    if (!action) return world.breach(`[G2] ${id} was applied, and nobody sent it`);
    let ordinal = 0;
    carryOut(model, action.order, () => derivedId(action.client, action.seq, ordinal++));
  }
  const expected = canonicalEncode(model);
  const { text } = world.history.head ?? { text: "" };
  if (expected !== text) world.breach(`[G11] The state is ${text}, and should be ${expected}`);
}

function judgeAttempts(world: World, { label, environment }: Page): void {
  const { attempts } = environment;
  for (const [index, at] of attempts.entries()) {
    const later = attempts[index + MOST_ATTEMPTS_PER_SECOND];
    if (later !== undefined && later - at < 1_000) {
      return world.breach(
        `[G13] ${label} opens ${MOST_ATTEMPTS_PER_SECOND} sockets within a second`,
      );
    }
  }
}

/** [G20] One terminal close, and no loop. */
function judgeOldClient(world: World, { label, shown, environment }: Page): void {
  if (environment.attemptsAfterTerminalClose > 0) {
    world.breach(`[G20] ${label} connects again after a terminal close`);
  }
  if (shown.status !== "closed" || shown.error?.code !== "PROTOCOL_UNSUPPORTED") {
    world.breach(`[G20] An old client is ${shown.status} (${shown.error?.code})`);
  }
}

import { derivedId } from "@holdfast/protocol";
import { freshBoardText } from "./board-text.ts";
import { emptyBoard } from "./board.ts";
import { type Board, FAILURES } from "./edits.ts";
import { applyPart, entryOf, partsOf } from "./order.ts";
import { type ActionRecord, isEdit, type Page } from "./page.ts";
import type { World } from "./world.ts";

/** So many sockets may be opened in one second of the same page, while nobody touches it. */
const MOST_ATTEMPTS_PER_SECOND = 12;

/** Holds the world, at rest, against what the guarantees say of it. */
export function judge(world: World): void {
  if (world.breaches.length > 0) return;
  // What storage has, as a process would find it that starts now.
  world.server.hibernate();
  world.wake();
  const { head } = world.history;
  if (!head) return world.breach("There is no state at the end");
  // The state of the world's only module.
  const board = head.state as unknown as Board;
  for (const page of world.livePages) {
    if (freshBoardText(page.shown.state) !== head.text) {
      world.breach(`[G7] ${page.label} does not show what the server has`);
    }
  }
  const places = placesOf(world, board);
  for (const page of world.pages) judgeActions(world, page, places);
  judgeState(world, board);
  for (const page of world.pages) judgeAttempts(world, page);
  for (const page of world.oldPages) judgeOldClient(world, page);
  world.historian.comeBack(board);
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
  /** How long the ledger was when an earlier action looked at it. */
  let looked = 0;
  for (const action of page.actions) {
    const { order, client, outcome } = action;
    if (last?.client !== client) {
      last = { client, place: -1 };
      skipped = undefined;
      looked = 0;
    }
    if (outcome.type === "open" && !page.isGone) world.breach(`${order.id} is still open`);
    if (order.pace) {
      judgeParts(world, action, places);
      continue;
    }
    const place = places.get(order.id);
    if (place === undefined) {
      const { receipt } = outcome.type === "resolved" ? outcome : {};
      if (!isEdit(action) && receipt && !action.isUndone && !world.wentBack) {
        if (receipt.place <= last.place)
          world.breach(`[G3] ${order.id} ran before an earlier action of its client`);
        looked = Math.max(looked, receipt.place);
      }
      if (mustBeApplied(action))
        world.breach(`[G1] [G2] ${order.id} was acknowledged, and is lost`);
      if (mayNotBeSkipped(action)) skipped ??= order.id;
      continue;
    }
    if (place < looked) world.breach(`[G3] ${order.id} was applied before an earlier one ran`);
    if (!isEdit(action) || (outcome.type === "rejected" && !action.isUndone)) {
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

/** An asynchronous action: part after part, and the last one exactly if it came to its end. */
function judgeParts(
  world: World,
  { order, outcome, isUndone }: ActionRecord,
  places: ReadonlyMap<string, number>,
): void {
  // What the disk went back behind may have left any of it.
  if (world.wentBack) return;
  const found = partsOf(order).map((_, part) => places.get(entryOf(order, part)));
  const isDone = found.at(-1) !== undefined;
  if (outcome.type === "resolved" && !isDone && !isUndone)
    world.breach(`[G1] [G2] ${order.id} was acknowledged, and is lost`);
  if (outcome.type === "rejected" && isDone) world.breach(`[G4] ${order.id} left a trace`);
  let before = -1;
  for (const [part, place = Number.POSITIVE_INFINITY] of found.entries()) {
    if (place < before) world.breach(`[G3] [G5] Part ${part} of ${order.id} came out of order`);
    before = place;
  }
  if (outcome.type !== "rejected") return;
  const isPublished = found[0] !== undefined;
  if (outcome.code === "INTERRUPTED" && !isPublished)
    world.breach(`[G2] ${order.id} is interrupted, and nothing of it was published`);
}

function mustBeApplied(action: ActionRecord): boolean {
  return isEdit(action) && action.outcome.type === "resolved" && !action.isUndone;
}

/** Those behind it may be applied only if it was: unless it was refused, or undone by a backup. */
function mayNotBeSkipped({ name, order, outcome, isUndone }: ActionRecord): boolean {
  return name === "edit" && order.failure === undefined && outcome.type === "open" && !isUndone;
}

/** The same actions in the same order on plain objects give the same state. */
function judgeState(world: World, { ledger, ticks }: Board): void {
  const entries = new Map<string, { readonly action: ActionRecord; readonly part: number }>();
  for (const page of world.pages) {
    for (const action of page.actions) {
      for (const part of partsOf(action.order).keys())
        entries.set(entryOf(action.order, part), { action, part });
    }
  }
  const model = emptyBoard(world.deploys);
  // The historian's own account says whether they are right.
  model.ticks = ticks;
  const ordinals = new Map<ActionRecord, number>();
  for (const id of ledger) {
    const entry = entries.get(id);
    if (!entry) return world.breach(`[G2] ${id} was applied, and nobody sent it`);
    const { action, part } = entry;
    const { order, client, seq } = action;
    let ordinal = part === 0 ? 0 : (ordinals.get(action) ?? 0);
    try {
      applyPart(model, order, part, () => derivedId(client, seq, ordinal++));
      if (order.failure && part === partsOf(order).length - 1) FAILURES[order.failure](model);
    } catch (error) {
      return world.breach(`[G4] ${id} was applied, and fails on what was there: ${String(error)}`);
    }
    ordinals.set(action, ordinal);
  }
  const expected = freshBoardText(model);
  const text = freshBoardText(world.history.head?.state);
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

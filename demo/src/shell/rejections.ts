import type { Rejection } from "@holdfast/client";

/** What was refused and nobody waits for any more: its page is gone, or did not look at it. */
export interface Missed {
  readonly id: number;
  readonly rejection: Rejection;
}

/** More at once nobody reads. */
const MOST = 3;
let missed: readonly Missed[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** For `createHooks({ onRejected })`. */
export function noteRejection(rejection: Rejection): void {
  show([...missed, { id: ++lastId, rejection }].slice(-MOST));
}

export function forgetRejection(id: number): void {
  show(missed.filter((one) => one.id !== id));
}

export function getRejections(): readonly Missed[] {
  return missed;
}

export function subscribeToRejections(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(next: readonly Missed[]): void {
  missed = next;
  for (const listener of listeners) listener();
}

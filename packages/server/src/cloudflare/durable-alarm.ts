/** Sets the one alarm of an object; `undefined` calls it off. Written with the rows of the same event. */
export function setDurableAlarm({ storage }: DurableObjectState, at: number | undefined): void {
  // Nobody waits: a write that fails ends the object before anything is sent.
  void (at === undefined ? storage.deleteAlarm() : storage.setAlarm(at));
}

import type { Clock } from "./clock.ts";
import type { Errands } from "./errands.ts";

/** Lets so many milliseconds pass, with all that is due in them; what that begins comes to rest. */
export async function passTime(
  clock: Clock,
  errands: Errands,
  milliseconds: number,
): Promise<void> {
  const end = clock.now + milliseconds;
  await errands.rest();
  while ((clock.next ?? Infinity) <= end) {
    clock.now = Math.max(clock.now, clock.next ?? end);
    clock.ring();
    await errands.rest();
  }
  clock.now = end;
}

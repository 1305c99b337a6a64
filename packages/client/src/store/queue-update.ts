import type { Optimism } from "./machinery.ts";
import { step, toError } from "./step.ts";
import { Update } from "./update.ts";

/** Runs the recipe of an `update` on what is shown and queues its patches. */
export const queue: Optimism["queue"] = (job, queueing) => {
  const { outbox, shown, pass, limits, at, isAlone } = queueing;
  try {
    const made = shown === undefined ? undefined : step(job.recipe, shown, limits);
    if (made?.patches.length === 0) {
      job.resolve(undefined);
      return shown;
    }
    outbox.checkRoom(made?.bytes ?? 0);
    const tail = outbox.unsentTail;
    if (made && !isAlone && tail?.type === "patch" && tail.accepts(made)) {
      tail.join(job, made, pass);
      outbox.grew(made.bytes);
    } else {
      const update = new Update({ limits, client: outbox.client, seq: outbox.next, at, isAlone }, [
        job,
      ]);
      if (made) update.begin(made, shown, pass);
      outbox.add(update);
    }
    return made ? made.state : shown;
  } catch (error) {
    throw toError(error);
  }
};

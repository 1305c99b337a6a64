import { play, type Played } from "./play.ts";
import type { PlannedAction, Script, Step } from "./step.ts";

/** A script that still breaks a guarantee, and breaks it sooner. */
export interface Shrunk {
  readonly script: Script;
  readonly played: Played;
  /** How many scripts were played to find it. */
  readonly tries: number;
}

const MOST_TRIES = 1_500;

/** Takes steps away, many at once and then fewer, for as long as a guarantee still breaks. */
export async function shrink(failing: Script): Promise<Shrunk> {
  let best = { script: failing, played: await play(failing, { transcript: true }) };
  let tries = 1;
  const kind = kindOf(best.played);
  const attempt = async (script: Script): Promise<void> => {
    if (tries >= MOST_TRIES) return;
    tries++;
    const played = await play(script, { transcript: true });
    if (played.breach && kindOf(played) === kind) best = { script, played };
  };
  if (best.played.breach) {
    // What came behind the breach has no part in it.
    await attempt({ ...failing, steps: failing.steps.slice(0, best.played.breach.step + 1) });
  }
  await attempt({ ...best.script, past: { frames: 0, commitsPerFrame: 0 } });
  await attempt({ ...best.script, limits: "usual" });
  /** Takes actions of one step away, as steps are taken away. */
  const shrinkActions = async (index: number): Promise<void> => {
    const actionsOf = (): readonly PlannedAction[] => {
      const step = best.script.steps[index];
      return step && "actions" in step ? step.actions : [];
    };
    for (let size = Math.ceil(actionsOf().length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = actionsOf().length - size; start >= 0; start -= size) {
        const step = best.script.steps[index];
        const actions = actionsOf().toSpliced(start, size);
        if (!step || !("actions" in step)) continue;
        await attempt({
          ...best.script,
          steps: best.script.steps.with(index, { ...step, actions }),
        });
      }
    }
  };
  let before: string;
  do {
    before = JSON.stringify(best.script);
    for (
      let size = Math.ceil(best.script.steps.length / 2);
      size >= 1;
      size = Math.floor(size / 2)
    ) {
      for (let start = best.script.steps.length - size; start >= 0; start -= size) {
        await attempt({ ...best.script, steps: without(best.script.steps, start, size) });
      }
    }
    for (const index of best.script.steps.keys()) {
      await shrinkActions(index);
      for (const simpler of simplify(best.script.steps[index])) {
        await attempt({ ...best.script, steps: best.script.steps.with(index, simpler) });
      }
    }
    for (let page = best.script.principals.length - 1; page >= 0; page--) {
      const principals = best.script.principals.toSpliced(page, 1);
      if (principals.length > 0) await attempt({ ...best.script, principals });
    }
  } while (before !== JSON.stringify(best.script) && tries < MOST_TRIES);
  return { ...best, tries };
}

/** The beginning of what was said, whichever page or version it was about. */
function kindOf({ breach }: Played): string | undefined {
  return breach?.what.replaceAll(/\d+/g, "").slice(0, 40);
}

function without(steps: readonly Step[], start: number, count: number): Step[] {
  return steps.toSpliced(Math.max(0, start), count);
}

/** The same step, doing less. */
function* simplify(step: Step | undefined): Generator<Step> {
  if (!step) return;
  if (step.deliveries > 0) {
    yield { ...step, deliveries: 0 };
    yield { ...step, deliveries: Math.floor(step.deliveries / 2) };
    yield { ...step, deliveries: step.deliveries - 1 };
  }
  if (step.pauseMs > 0) {
    yield { ...step, pauseMs: 0 };
    yield { ...step, pauseMs: Math.floor(step.pauseMs / 2) };
  }
  if (!("actions" in step)) return;
  for (const [index, action] of step.actions.entries()) {
    const plain = { ...action, edits: ["note" as const] };
    if (action.edits.join() !== "note") yield { ...step, actions: step.actions.with(index, plain) };
    if (action.foresight !== "none") {
      yield { ...step, actions: step.actions.with(index, { ...action, foresight: "none" }) };
    }
  }
}

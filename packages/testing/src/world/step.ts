import type { PageAction } from "./board.ts";
import type { Durability } from "./disk.ts";
import type { EditName, FailureName } from "./edits.ts";
import type { Pace } from "./order.ts";
import type { Foresight } from "./predictions.ts";

/** One thing that happens. `page` counts the pages that are there, round and round. */
export type Event =
  | {
      readonly type: "act";
      readonly page: number;
      readonly actions: readonly PlannedAction[];
    }
  /**
   * A link breaks, perhaps while a frame is under way: of what is in flight, so much arrives (a
   * fraction), what goes up perhaps only when the page has long had another link.
   */
  | {
      readonly type: "cut";
      readonly page: number;
      readonly actions: readonly PlannedAction[];
      readonly up: number;
      readonly down: number;
      readonly upAfter: number;
      readonly heardAfter: number;
    }
  | {
      readonly type: "delay";
      readonly page: number;
      readonly way: "up" | "down";
      readonly ms: number;
    }
  | { readonly type: "half-open"; readonly page: number }
  /** The next request of the page is never answered: its link broke behind it. */
  | { readonly type: "unanswered"; readonly page: number }
  /** What the page sent last arrives once more, behind everything that is on its way. */
  | { readonly type: "duplicate"; readonly page: number }
  /** The historian does so many things, one of them more than the resume window holds. */
  | { readonly type: "truncate" }
  | { readonly type: "visit"; readonly frames: number }
  /** Somebody else says that he speaks for the page's client, and that all of it is reported. */
  | { readonly type: "impostor"; readonly page: number }
  | { readonly type: "evict"; readonly sockets: "hibernate" | "close" }
  /** Other code, with another field in the initial state; sockets go in production, stay in dev. */
  | { readonly type: "deploy"; readonly sockets: "hibernate" | "close" }
  | { readonly type: "kill"; readonly when: Moment; readonly downFor: number }
  | {
      readonly type: "fail";
      readonly what: "statement" | "commit";
      readonly after: number;
      readonly times: number;
    }
  | { readonly type: "reload"; readonly page: number }
  | { readonly type: "second tab"; readonly page: number }
  | { readonly type: "leave"; readonly page: number }
  /** The page shows its user to the others, somewhere else than before, or no more. */
  | { readonly type: "show"; readonly page: number; readonly isShown: boolean }
  | { readonly type: "return"; readonly page: number }
  | { readonly type: "back up" }
  /**
   * The backup is brought back, perhaps before anybody comes who remembers more: then the historian
   * goes on until the version that was lost is another one.
   */
  | { readonly type: "restore"; readonly isOvertaken: boolean }
  | { readonly type: "old client"; readonly page: number }
  | { readonly type: "network"; readonly page: number; readonly online: boolean }
  | { readonly type: "visibility"; readonly page: number; readonly visible: boolean }
  | { readonly type: "clock"; readonly page: number | "server"; readonly ms: number }
  | { readonly type: "sleep"; readonly page: number; readonly ms: number }
  | { readonly type: "wait" };

export type EventType = Event["type"];

/** When a process dies: between events, or instead of one of its next statements or sends. */
export type Moment =
  | { readonly at: "now" }
  | { readonly at: "statement" | "send"; readonly after: number };

export interface PlannedAction {
  readonly name: PageAction;
  readonly edits: readonly EditName[];
  readonly failure?: FailureName;
  readonly foresight: Foresight;
  /** Of an asynchronous action. */
  readonly pace?: Pace;
}

/**
 * An event, and what comes behind it: so many deliveries in no time, then so much time. `seed` says
 * which of what is under way arrives.
 */
export type Step = Event & {
  readonly seed: number;
  readonly deliveries: number;
  readonly pauseMs: number;
};

/** Everything that a history is determined by. */
export interface Script {
  readonly seed: number;
  readonly durability: Durability;
  /** The principal of each page that is there at the beginning. */
  readonly principals: readonly string[];
  readonly limits: "usual" | "tight" | "short memory";
  /** So many commits, in so many frames, that happened before anybody came. */
  readonly past: { readonly frames: number; readonly commitsPerFrame: number };
  readonly steps: readonly Step[];
}

/** One line for a person. */
export function describeStep({ seed: _, deliveries, pauseMs, ...event }: Step): string {
  const { type, ...rest } = event;
  const details = Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  if (deliveries > 0) details.push(`then ${deliveries} deliveries`);
  if (pauseMs > 0) details.push(`then ${pauseMs} ms`);
  return `${type} ${details.join(", ")}`;
}

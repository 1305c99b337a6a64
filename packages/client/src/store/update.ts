import {
  applyPatches,
  EXPLAIN,
  HoldfastError,
  encodePatches,
  meet,
  type ClientLimits,
  type Patch,
  type Place,
  utf8Length,
  type Value,
} from "@holdfast/protocol";
import { committedPlaces } from "./committed-places.ts";
import { derivedPlaces, derivePatches } from "./derive-patches.ts";
import type { Pass, PatchText, StoredPatch } from "./pass.ts";
import { predictedPlaces } from "./predicted-places.ts";
import { type Recipe, type Step, step, toError } from "./step.ts";

/** One call of `update`. */
export interface Job {
  readonly recipe: Recipe;
  readonly resolve: (result: undefined) => void;
  readonly reject: (error: HoldfastError) => void;
}

/** So often the server may find an update to be stale before it is given up. */
const MOST_ROUNDS = 50;
/** Sequence, base and the like: the longest that they get, in digits. */
const NUMBER_DIGITS = 16;
/** Updates are merged while they take no larger part of a frame than this. */
const MERGED_SHARE = 1 / 4;
const MERGED_JOBS = 1_000;

export interface UpdateOptions {
  readonly limits: ClientLimits;
  readonly client: string;
  readonly seq: number;
  readonly at: number;
  /** Never merged with others: one of those it was merged with was refused. */
  readonly isAlone?: boolean;
}

/**
 * The patches of one or several recipes, on their way to the server.
 *
 *   made ──sent──▶ under way ──ack──▶ gone
 *     ▲                │
 *     └──── made again on newer state, when something met them, or the server says `stale`
 */
export class Update {
  readonly type = "patch";
  readonly at: number;
  readonly client: string;
  readonly seq: number;
  readonly isAlone: boolean;
  readonly #limits: ClientLimits;
  #jobs: readonly Job[];
  /** Jobs whose recipes threw when they ran last. */
  #failed = new Map<Job, HoldfastError>();
  /** One of the recipes found nothing to do, or threw, when it ran last. */
  #isIdle = false;
  #patches: readonly Patch[] = [];
  #places: readonly Place[] = [];
  /** The patches are those of several steps, still to be made one. */
  #isLoose = false;
  #bytes = 0;
  #before: Value = undefined;
  #state: Value = undefined;
  #base = 0;
  #after = 0;
  #payload: string | undefined;
  /** As it was sent, and the server may have taken. */
  #sent: string | undefined;
  #isOutdated = true;
  #isHeld = false;
  #rounds = 0;
  readonly #isStored: boolean;

  constructor(options: UpdateOptions, jobs: readonly Job[], stored?: StoredPatch) {
    this.#limits = options.limits;
    this.client = options.client;
    this.seq = options.seq;
    this.at = options.at;
    this.isAlone = options.isAlone ?? false;
    this.#jobs = jobs;
    this.#isStored = stored !== undefined;
    if (!stored) return;
    this.#patches = stored.patches;
    this.#places = derivedPlaces(stored.patches);
    this.#base = stored.base;
    this.#after = stored.after;
    this.#isOutdated = false;
    // A page that is gone may have sent it.
    this.#sent = this.#encoded();
  }

  /** Its patches say what they will do. */
  get prediction(): this {
    return this;
  }

  /** How many calls of `update` it stands for. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** They are made, and on nothing that is merely predicted. */
  get isReady(): boolean {
    return !this.#isOutdated && !this.#isHeld;
  }

  /** The server may have taken others than these for it. */
  get isDoubtful(): boolean {
    return this.#sent !== undefined && this.#sent !== this.#encoded();
  }

  /** As it goes out. */
  get text(): PatchText {
    const payload = this.#encoded();
    const head = `{"type":"patch","client":${JSON.stringify(this.client)},"seq":`;
    const base = this.#base;
    const after = this.#after;
    return {
      name: "update",
      payload,
      base,
      after,
      bytes: utf8Length(payload) + head.length + 4 * NUMBER_DIGITS + 48,
      at: (seq, settled) =>
        `${head}${seq},"settled":${settled},"base":${base},"after":${after},"patches":${payload}}`,
    };
  }

  /** Takes what the first recipe has made of what is shown. */
  begin(step: Step, shown: Value, pass: Pass): void {
    this.#enter(pass);
    this.#before = shown;
    this.#bytes = step.bytes;
    this.#place(step.patches, step.state, pass, true);
  }

  /** Whether another call can go along. */
  accepts({ bytes }: Step): boolean {
    if (this.isAlone || this.#isStored || this.#isOutdated || this.#sent !== undefined)
      return false;
    return (
      this.#jobs.length < MERGED_JOBS &&
      this.#bytes + bytes <= this.#limits.frameInBytes * MERGED_SHARE
    );
  }

  /** Takes along another call, whose recipe ran on top of this one. */
  join(job: Job, step: Step, pass: Pass): void {
    this.#jobs = [...this.#jobs, job];
    this.#bytes += step.bytes;
    this.#place([...this.#patches, ...step.patches], step.state, pass, false);
    this.#isLoose = true;
  }

  /** `base` with the patches on it, which are made again if they have to be. */
  replay(base: Value, pass: Pass): Value {
    this.#enter(pass);
    const isSame = !this.#isOutdated && !this.#isHeld && !pass.isChanged && !this.#isMet(pass);
    const shown = isSame || this.#isStored ? this.#apply(base) : undefined;
    if (shown === undefined) {
      if (this.#isStored) return base;
      this.#before = base;
      this.#make(pass);
      // Also where they came out the same: what an index behind them stands for may be another item.
      pass.isChanged = true;
      return this.#state;
    }
    if (this.#isStored) {
      pass.predicted.push([base, shown]);
      return shown;
    }
    this.#before = base;
    this.#place(this.#patches, shown, pass, false);
    return shown;
  }

  /** Those whose recipes threw on the newest state are told so: they cannot be made. */
  prepare(): void {
    for (const [job, error] of this.#failed) job.reject(error);
    this.#jobs = this.#jobs.filter((job) => !this.#failed.has(job));
    this.#failed.clear();
    this.#sent = this.#encoded();
  }

  /** They have to be made again. `isAsked`: by the server, which has taken none. */
  outdate(isAsked: boolean): void {
    if (isAsked) this.#sent = undefined;
    if (!this.#isStored) this.#isOutdated = true;
  }

  /** The server found just these to be stale. */
  stale(): void {
    this.#rounds++;
    if (this.#isStored) this.#giveUp(lostRecipe());
    else if (this.#rounds > MOST_ROUNDS) this.#giveUp(tooOften());
  }

  resolve(): void {
    for (const job of this.#jobs) job.resolve(undefined);
  }

  reject(error: HoldfastError): void {
    for (const job of this.#jobs) job.reject(error);
  }

  /** Its sequence goes out all the same, with nothing in it: the server waits for it. */
  #giveUp(error: HoldfastError): void {
    this.reject(error);
    this.#jobs = [];
    this.#failed.clear();
    this.#patches = [];
    this.#places = [];
    this.#payload = undefined;
    this.#isOutdated = this.#isHeld = false;
  }

  #enter(pass: Pass): void {
    if (pass.client === this.client) return;
    pass.client = this.client;
    pass.after = 0;
    pass.isChanged = false;
  }

  #make(pass: Pass): void {
    let state = this.#before;
    this.#failed.clear();
    this.#isIdle = false;
    let patches: readonly Patch[] = [];
    for (const job of this.#jobs) {
      try {
        const made = step(job.recipe, state, this.#limits);
        this.#isIdle ||= made.patches.length === 0;
        state = made.state;
      } catch (error) {
        this.#isIdle = true;
        this.#failed.set(job, toError(error));
      }
    }
    try {
      patches = derivePatches(this.#before, state, this.#limits);
    } catch (error) {
      state = this.#before;
      for (const job of this.#jobs) this.#failed.set(job, toError(error));
    }
    this.#place(patches, state, pass, true);
  }

  /**
   * Its patches are these, and make `state` of `#before`. `isMade`: just now, and not kept from an
   * earlier run. Then they are told to be made on what they were made on: the server knows more of
   * what has changed since than commits say.
   */
  #place(patches: readonly Patch[], state: Value, pass: Pass, isMade: boolean): void {
    if (patches !== this.#patches) {
      this.#patches = patches;
      this.#places = derivedPlaces(patches);
      this.#payload = undefined;
      this.#isLoose = false;
    }
    this.#state = state;
    this.#isOutdated = false;
    if (isMade) {
      this.#base = pass.version;
      this.#after = pass.after;
    }
    pass.after = this.seq;
    this.#isHeld = pass.predicted.some((pair) => {
      const places = predictedPlaces(pair);
      // What it looked for may be there once the prediction is not.
      return meet(this.#places, places) || (this.#isIdle && places.length > 0);
    });
  }

  /** Whether what others have committed since the last run has changed what it touches. */
  #isMet({ commits, makers, confirmed }: Pass): boolean {
    if (this.#patches.length === 0) return false;
    if (!commits) return true;
    return commits.some(
      ({ version, patches }) =>
        makers.get(version) !== this.client &&
        meet(this.#places, committedPlaces(patches, confirmed)),
    );
  }

  #apply(base: Value): Value | undefined {
    try {
      return applyPatches(base, this.#patches);
    } catch {
      return undefined;
    }
  }

  #encoded(): string {
    if (this.#isLoose) {
      this.#patches = derivePatches(this.#before, this.#state, this.#limits);
      this.#places = derivedPlaces(this.#patches);
      this.#isLoose = false;
    }
    return (this.#payload ??= encodePatches(this.#patches));
  }
}

function tooOften(): HoldfastError {
  return new HoldfastError(
    "CONFLICT",
    EXPLAIN &&
      `Others have changed the same place ${MOST_ROUNDS} times before the update reached the server. Write to places of your own, or make it an action: that runs on the server and meets nobody.`,
  );
}

function lostRecipe(): HoldfastError {
  return new HoldfastError(
    "CONFLICT",
    EXPLAIN &&
      "The update was made before the page was left, and others have changed the same place since. Its recipe is gone, so it cannot be made again.",
  );
}

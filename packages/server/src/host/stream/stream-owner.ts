import type { HoldfastError } from "@holdfast/protocol";
import type { Effects } from "../effects.ts";
import type { Sequence } from "../sequences.ts";

/** The action behind an owner: once anything of it is durable, it can never be run again. */
export interface StreamAction {
  readonly sequence: Sequence | undefined;
  readonly effects: Effects;
  readonly isPublished: () => boolean;
  /** Something that it wrote to a stream is durable. */
  published(): void;
  /** Its own writes are in the tree again. */
  resume(): void;
}

/** Who writes to a stream, for as long as it goes on. */
export interface StreamOwner {
  readonly action: StreamAction;
  /** It is somebody else's now: whoever writes to it is told why. */
  cut(error: HoldfastError): void;
}

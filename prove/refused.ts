import { HoldfastError } from "@holdfast/protocol";

/** Something that no state can hold is written: it has to be refused. */
export function refused(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "VALUE_UNSUPPORTED") return;
    throw error;
  }
  throw new Error("a value that no state can hold was accepted");
}

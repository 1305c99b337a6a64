import {
  type CommitMessage,
  encodeMessage,
  encodeValue,
  exceedsBytes,
  formatPath,
  HoldfastError,
  type Limits,
  type Patch,
  type Value,
} from "@holdfast/protocol";

type SizeLimits = Pick<Limits, "valueBytes" | "commitBytes">;

/**
 * A commit as the text that is stored and sent, if it is within its limits.
 *
 * @throws HoldfastError `COMMIT_TOO_LARGE` or `VALUE_TOO_LARGE`
 */
export function encodeCommit(commit: CommitMessage, limits: SizeLimits): string {
  const text = encodeMessage(commit);
  // Hardly ever true, so values are measured one by one only where one of them can be too large.
  if (exceedsBytes(text, limits.valueBytes)) {
    if (exceedsBytes(text, limits.commitBytes)) {
      throw new HoldfastError(
        "COMMIT_TOO_LARGE",
        `The action changed more than ${limits.commitBytes} bytes at once. Spread the change over several actions.`,
      );
    }
    for (const patch of commit.patches) checkValue(patch, limits);
  }
  return text;
}

function checkValue(patch: Patch, { valueBytes }: SizeLimits): void {
  // The path with them: a key is as long as its author likes.
  for (const value of [patch.path, ...valuesOf(patch)]) {
    if (!exceedsBytes(encodeValue(value), valueBytes)) continue;
    throw new HoldfastError(
      "VALUE_TOO_LARGE",
      `The value or key written at ${formatPath(patch.path)} is larger than ${valueBytes} bytes. Split it into several values, or keep it outside the state.`,
    );
  }
}

function valuesOf(patch: Patch): readonly Value[] {
  switch (patch.op) {
    case "add":
    case "replace":
    case "append":
      return [patch.value];
    case "splice":
    case "members":
      return patch.value;
    case "remove":
    case "order":
      return [];
  }
}

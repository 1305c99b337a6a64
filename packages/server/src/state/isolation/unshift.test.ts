import { expect, test } from "vitest";
import { StateTree } from "../state-tree.ts";

test.each(["default", "serializable"] as const)(
  "[G5] what was put in front of an empty array does not go behind what others put there (%s)",
  (mode) => {
    const tree = new StateTree({ list: [] });
    const slow = tree.beginAsync({
      serializable: mode === "serializable",
      onFirstWrite: () => undefined,
    });
    // The tree was made with this state.
    (slow.state as { list: string[] }).list.unshift("slow");
    const other = tree.begin();
    (other.state as { list: string[] }).list.unshift("other");
    other.derive();
    other.end();
    expect(() => slow.derive()).toThrow(expect.objectContaining({ code: "CONFLICT" }));
  },
);

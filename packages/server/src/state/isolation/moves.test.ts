import { describe, expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";
import { unwrap } from "../unwrap.ts";

describe("[G5] at the commit, what others have moved is a CONFLICT:", () => {
  const replacements: Record<string, (state: Loose) => void> = {
    "a number": (state) => (state.y = 1),
    "another node": (state) => (state.y = { other: 1 }),
    nothing: (state) => delete state.y,
  };
  for (const [name, replace] of Object.entries(replacements)) {
    test(`a node that was moved to where then stands ${name}`, () => {
      const tree = plant({ x: {}, y: 0, n: 0 } as Loose);
      const mover = begin(tree);
      const writer = begin(tree);
      const held = writer.state.x;
      const { x } = mover.state;
      delete mover.state.x;
      mover.state.y = x;
      replace(mover.state);
      held.written = true;
      commit(mover);
      const committed = unwrap(tree.committed());
      expect(() => commit(writer)).toThrow(CONFLICT);
      expect(tree.committed()).toEqual(committed);
    });
  }

  test("two nodes that two handlers put into each other", () => {
    const into: Record<string, (state: Loose, node: Loose) => void> = {
      directly: (state, node) => (state.y.inside = node),
      "in something new": (state, node) => (state.y.inside = { deep: { node } }),
      "in a list": (state, node) => (state.y.inside = [node]),
    };
    for (const put of Object.values(into)) {
      const tree = plant({ x: {}, y: {} });
      const handler = begin(tree);
      const { x } = handler.state;
      delete handler.state.x;
      put(handler.state, x);
      others(tree, (state) => {
        const { y } = state;
        delete state.y;
        state.x.inside = y;
      });
      expect(() => commit(handler)).toThrow(CONFLICT);
      handler.transaction.end();
      expect(tree.committed()).toEqual({ x: { inside: {} } });
    }
  });
});

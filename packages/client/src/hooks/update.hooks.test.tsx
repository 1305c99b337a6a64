import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { act, cleanup, render, screen } from "./framework.fixture.ts";
import { HooksBench, put } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("update", () => {
  test("[G8] shows at once, goes out as patches, and its ack renders nothing", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    let renders = 0;
    function Counter(): ReactNode {
      renders++;
      const { state, update } = useModule("counter", { select: ({ n }) => n });
      const onClick = (): void => void update((draft) => void (draft.n += 2));
      return <button onClick={onClick}>{state}</button>;
    }
    render(<Counter />);
    await bench.greet();
    renders = 0;
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByRole("button").textContent).toBe("2");
    expect(bench.page.socket.sent.at(-1)).toContain('"patch"');
    await bench.answer();
    expect(bench.server.state).toMatchObject({ n: 2 });
    expect(renders).toBe(1);
    // Runs again on what others have made of it meanwhile.
    await act(async () => screen.getByRole("button").click());
    await bench.commit(put("n", 10));
    expect(screen.getByRole("button").textContent).toBe("12");
  });
});

describe("useHistory", () => {
  test("undoes and redoes what any component of the page has updated, while it is there", async () => {
    const bench = new HooksBench();
    const { useModule, useHistory } = bench.hooks;
    const functions = new Set<unknown>();
    function Editor(): ReactNode {
      const { state, update } = useModule("counter", { select: ({ text }) => text });
      const write = (): void => void update((draft) => void (draft.text += "a"));
      return <button onClick={write}>{`text ${state}`}</button>;
    }
    function History(): ReactNode {
      const { canUndo, canRedo, undo, redo } = useHistory("counter");
      for (const one of [undo, redo]) functions.add(one);
      return (
        <>
          <button disabled={!canUndo} onClick={() => void undo()}>
            undo
          </button>
          <button disabled={!canRedo} onClick={() => void redo()}>
            redo
          </button>
        </>
      );
    }
    const { unmount } = render(
      <>
        <Editor />
        <History />
      </>,
    );
    await bench.greet();
    const [editor, undo, redo] = screen.getAllByRole<HTMLButtonElement>("button") as [
      HTMLButtonElement,
      HTMLButtonElement,
      HTMLButtonElement,
    ];
    const click = async (button: HTMLButtonElement): Promise<void> => {
      await act(async () => button.click());
      await bench.answer();
    };
    expect([undo.disabled, redo.disabled]).toEqual([true, true]);
    await click(editor);
    await click(editor);
    expect(editor.textContent).toBe("text aa");
    expect([undo.disabled, redo.disabled]).toEqual([false, true]);
    await click(undo);
    expect(editor.textContent).toBe("text a");
    expect([undo.disabled, redo.disabled]).toEqual([false, false]);
    await bench.commit(put("n", 5));
    await click(undo);
    await click(redo);
    expect(editor.textContent).toBe("text a");
    expect(bench.server.state).toMatchObject({ text: "a", n: 5 });
    await click(editor);
    expect([undo.disabled, redo.disabled]).toEqual([false, true]);
    expect(functions.size).toBe(2);
    await act(async () => unmount());
    await bench.pass(1_100);
    expect(bench.page.liveSockets).toEqual([]);
  });
});

import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { act, cleanup, createCoreHooks, render, screen } from "./framework.fixture.ts";
import { type App, HooksBench } from "./hooks.fixture.ts";

afterEach(cleanup);

describe("optimistic", () => {
  test("[G8] an action shows at once, and its ack renders nothing", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    let renders = 0;
    function Counter(): ReactNode {
      renders++;
      const { state, actions } = useModule("counter", {
        optimistic: { add: (draft, by = 1) => (draft.n += by) },
      });
      return <button onClick={() => void actions.add(3)}>{state?.n}</button>;
    }
    render(<Counter />);
    await bench.greet();
    renders = 0;
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByRole("button").textContent).toBe("3");
    expect(renders).toBe(1);
    await bench.answer();
    expect(bench.server.state).toMatchObject({ n: 3 });
    expect(screen.getByRole("button").textContent).toBe("3");
    expect(renders).toBe(1);
  });

  test("[G4] a refusal takes it back and reaches whoever called", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    const codes: string[] = [];
    function Counter(): ReactNode {
      const { state, actions } = useModule("counter", {
        optimistic: { fail: (draft) => void (draft.n = 99) },
      });
      const onClick = (): void =>
        void actions.fail().catch(({ code }: { code: string }) => codes.push(code));
      return <button onClick={onClick}>{state?.n}</button>;
    }
    render(<Counter />);
    await bench.greet();
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByRole("button").textContent).toBe("99");
    await bench.answer();
    expect(screen.getByRole("button").textContent).toBe("0");
    expect(codes).toEqual(["REFUSED"]);
  });

  test("every component sees a prediction, and the reducer is the one of the last render", async () => {
    const bench = new HooksBench();
    const { useModule } = bench.hooks;
    function Adder({ factor }: { factor: number }): ReactNode {
      const { actions } = useModule("counter", {
        optimistic: { add: (draft, by = 1) => (draft.n += by * factor) },
      });
      return <button onClick={() => void actions.add(1)}>add</button>;
    }
    function Shown(): ReactNode {
      return <p>{useModule("counter").state?.n}</p>;
    }
    const view = (factor: number): ReactNode => (
      <>
        <Adder factor={factor} />
        <Shown />
      </>
    );
    const { rerender } = render(view(1));
    await bench.greet();
    rerender(view(10));
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByText("10")).toBeTruthy();
  });

  test("the core hooks show an action once the server has answered", async () => {
    const bench = new HooksBench();
    const { useModule } = createCoreHooks<App>({ environment: bench.page.environment });
    function Counter(): ReactNode {
      const { state, actions } = useModule("counter");
      return <button onClick={() => void actions.add()}>{state?.n}</button>;
    }
    render(<Counter />);
    await bench.greet();
    await act(async () => screen.getByRole("button").click());
    expect(screen.getByRole("button").textContent).toBe("0");
    await bench.answer();
    expect(screen.getByRole("button").textContent).toBe("1");
  });
});

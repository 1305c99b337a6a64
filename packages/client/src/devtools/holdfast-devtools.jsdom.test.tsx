import { cleanup, render } from "@testing-library/react";
import { h, render as renderWithPreact } from "preact";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { HoldfastDevtools } from "./holdfast-devtools.ts";

afterEach(cleanup);

function mounted(): (ShadowRoot | null)[] {
  return [...document.querySelectorAll("holdfast-devtools")].map(({ shadowRoot }) => shadowRoot);
}

test("in React it is there once, also in StrictMode, and goes with the component", () => {
  const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { unmount, container } = render(
    <StrictMode>
      <HoldfastDevtools open />
    </StrictMode>,
  );
  expect(mounted()).toHaveLength(1);
  expect(mounted()[0]?.textContent).toContain("no instance open");
  expect(container.innerHTML).toBe("");
  unmount();
  expect(mounted()).toEqual([]);
  expect(complaints).not.toHaveBeenCalled();
  complaints.mockRestore();
});

test("there is one panel for all who ask for it, until the last has gone", () => {
  const one = render(<HoldfastDevtools open />);
  const other = render(<HoldfastDevtools />);
  expect(mounted()).toHaveLength(1);
  one.unmount();
  expect(mounted()[0]?.querySelector(".panel")?.hasAttribute("hidden")).toBe(false);
  other.unmount();
  expect(mounted()).toEqual([]);
});

test("on a server it renders nothing, and touches nothing", () => {
  expect(renderToString(<HoldfastDevtools />)).toBe("");
  expect(mounted()).toEqual([]);
});

test("in Preact it is the same component", () => {
  const container = document.createElement("div");
  renderWithPreact(h(HoldfastDevtools, { open: false }), container);
  expect(mounted()).toHaveLength(1);
  expect(mounted()[0]?.querySelector(".panel")?.hasAttribute("hidden")).toBe(true);
  renderWithPreact(null, container);
  expect(mounted()).toEqual([]);
});

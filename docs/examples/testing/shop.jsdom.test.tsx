import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { HoldfastError } from "@holdfast/client";
import { afterEach, expect, test, vi } from "vitest";
import { start } from "./holdfast.mock.ts";
import { Shop } from "./shop.tsx";

vi.mock("./holdfast.ts", () => import("./holdfast.mock.ts"));

test("what is offline is shown, and says so", async () => {
  start({
    modules: { todos: { state: { items: [{ id: "1", title: "milk", done: false }] } } },
    status: "offline",
  });
  render(<Shop />);
  await screen.findByText("milk");
  await screen.findByText("You are offline.");
});

test("an item is added, and one that is refused says why", async () => {
  const mock = start({
    modules: {
      todos: {
        state: { items: [] },
        actions: {
          add(draft, title, { randomId }) {
            if (title === "") throw new HoldfastError("REFUSED", "Write something first.");
            draft.items.push({ id: randomId(), title, done: false });
          },
        },
      },
    },
  });
  render(<Shop />);
  fireEvent.click(screen.getByText("Add"));
  await screen.findByDisplayValue("Write something first.");
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "bread" } });
  fireEvent.click(screen.getByText("Add"));
  await screen.findByText("bread");
  expect(mock.calls.map(({ payload }) => payload)).toEqual(["", "bread"]);
});

afterEach(cleanup);

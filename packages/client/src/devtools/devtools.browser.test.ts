import { TestServer } from "../server.fixture.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { page } from "vitest/browser";
import { DevtoolsBench, textOf } from "./devtools.fixture.ts";

const PATIENCE = { timeout: 10_000 };

let bench: DevtoolsBench;
beforeEach(async () => {
  await page.viewport(1_000, 700);
  bench = new DevtoolsBench();
});
afterEach(() => bench.end());

function serveTodos(): TestServer {
  return bench.serve(
    "todos",
    "home",
    new TestServer(
      { title: "Home", items: [{ id: 1, text: "Milk" }], seen: new Map([["ann", 3]]) },
      {
        rename: (_: never, title: string) => ({
          patches: [{ op: "replace", path: ["title"], value: title }],
          result: true,
        }),
        fail: () => {
          throw new Error("not today");
        },
      },
    ),
  );
}

async function live(): Promise<{ server: TestServer; root: ShadowRoot }> {
  const server = serveTodos();
  const todos = bench.client.module("todos", "home");
  todos.subscribe(() => undefined);
  const root = bench.open();
  await vi.waitFor(() => expect(todos.getSnapshot().status).toBe("live"), PATIENCE);
  await vi.waitFor(() => expect(textOf(root, ".tree")).toContain("Home"), PATIENCE);
  return { server, root };
}

function button(root: ShadowRoot, label: string): HTMLElement {
  const found = [...root.querySelectorAll<HTMLElement>("button")].find(
    (one) => one.innerText.trim().startsWith(label) && one.checkVisibility(),
  );
  if (!found) throw new Error(`There is no button ${label}.`);
  return found;
}

function press(root: ShadowRoot, key: string): void {
  root.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}

describe("the devtools", () => {
  test("show instances with their status and version, and the confirmed state as a tree", async () => {
    const { server, root } = await live();
    expect(textOf(root, ".instance")).toMatch(/todos home\s+v0/);
    expect(root.querySelector(".instance .dot")?.className).toBe("dot live");
    expect(textOf(root, ".row")).toContain("items\n[1]");
    server.commit({ op: "replace", path: ["title"], value: "Holiday" });
    await vi.waitFor(() => expect(textOf(root, ".tree")).toContain('"Holiday"'), PATIENCE);
    expect(textOf(root, ".instance")).toContain("v1");
    expect(textOf(root, ".row.changed")).toContain("title");
    expect(textOf(root, ".row.changed")).not.toContain("items");
  });

  test("the tree is opened, closed and walked with the keyboard", async () => {
    const { root } = await live();
    root.querySelector<HTMLElement>(".row")?.focus();
    press(root, "End");
    expect(root.activeElement?.textContent).toContain("seen");
    press(root, "ArrowRight");
    expect(root.activeElement?.getAttribute("aria-expanded")).toBe("true");
    press(root, "ArrowDown");
    expect(root.activeElement?.textContent).toContain('"ann"3');
    press(root, "ArrowLeft");
    press(root, "ArrowLeft");
    expect(root.activeElement?.getAttribute("aria-expanded")).toBe("false");
    press(root, "Home");
    expect(root.activeElement?.textContent).toContain("state");
  });

  test("the timeline tells commits with patches and sizes, actions with their time, events", async () => {
    const { root } = await live();
    const todos = bench.client.module("todos", "home");
    await todos.dispatch("rename", "Holiday");
    await expect(todos.dispatch("fail")).rejects.toThrow("not today");
    bench.socket.deliver({ type: "event", event: "rang", data: { at: 7 } });
    button(root, "Timeline").click();
    await vi.waitFor(() => expect(textOf(root, ".timeline")).toContain("rang"), PATIENCE);
    const text = textOf(root, ".timeline");
    expect(text).toMatch(/commit\s+1 · state\.title\s+\d+ B/);
    expect(text).toMatch(/action\s+rename\("Holiday"\)\s+\d+ ms/);
    expect(text).toMatch(/refused\s+fail\(\)/);
    const commit = root.querySelector<HTMLElement>(".commit .head");
    commit?.click();
    expect(textOf(root, ".commit .patches")).toBe('replace state.title "Holiday"');
    root.querySelector<HTMLElement>(".refused .head")?.click();
    expect(textOf(root, ".refused .payload")).toContain("REFUSED: Error: not today");
    expect(root.querySelectorAll(".plot rect")).toHaveLength(2);
    expect(textOf(root, ".facts")).toMatch(/answers take \d+ ms/);
  });

  test("earlier versions can be looked at, with what they changed", async () => {
    const { server, root } = await live();
    for (const title of ["one", "two", "three"]) {
      server.commit({ op: "replace", path: ["title"], value: title });
    }
    await vi.waitFor(() => expect(textOf(root, ".tree")).toContain('"three"'), PATIENCE);
    const slider = root.querySelector<HTMLInputElement>(".time input");
    if (!slider) throw new Error("There is no slider.");
    slider.value = "1";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    expect(textOf(root, ".tree")).toContain('"one"');
    expect(textOf(root, ".row.changed")).toContain('"one"');
    server.commit({ op: "replace", path: ["title"], value: "four" });
    await vi.waitFor(() => expect(slider.max).toBe("4"), PATIENCE);
    expect(textOf(root, ".tree")).toContain('"one"');
    button(root, "Newest").click();
    expect(textOf(root, ".tree")).toContain('"four"');
  });

  test("pulling the plug closes every link and holds the next, until it is put back", async () => {
    const { root } = await live();
    const todos = bench.client.module("todos", "home");
    const online: string[] = [];
    const listen = ({ type }: Event): void => void online.push(type);
    addEventListener("offline", listen);
    addEventListener("online", listen);
    const { length } = bench.sockets;
    button(root, "Offline").click();
    expect(bench.sockets.at(-1)?.readyState).not.toBe(1);
    expect(todos.getSnapshot().status).toBe("offline");
    const call = todos.dispatch("rename", "Holiday");
    button(root, "Pending").click();
    await vi.waitFor(
      () => expect(textOf(root, ".waiting")).toContain('rename("Holiday")'),
      PATIENCE,
    );
    // Whatever else would have it try again at once.
    dispatchEvent(new Event("online"));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    expect(bench.sockets).toHaveLength(length);
    button(root, "Offline").click();
    await call;
    expect(todos.getSnapshot()).toMatchObject({ status: "live", state: { title: "Holiday" } });
    expect(bench.sockets.length).toBe(length + 1);
    await vi.waitFor(
      () => expect(textOf(root, ".pending, .page")).toContain("acknowledged"),
      PATIENCE,
    );
    expect(online).toEqual(["offline", "online", "online"]);
    removeEventListener("offline", listen);
    removeEventListener("online", listen);
  });

  test("are closed by Escape, opened by their button, and stand where they were put", async () => {
    const { root } = await live();
    button(root, "Dock").click();
    expect(root.querySelector(".panel")?.className).toBe("panel right");
    const grip = root.querySelector<HTMLElement>(".grip");
    grip?.focus();
    press(root, "ArrowLeft");
    const { width } = root.querySelector(".panel")?.getBoundingClientRect() ?? { width: 0 };
    press(root, "Escape");
    expect(root.querySelector(".panel")?.checkVisibility()).toBe(false);
    const launcher = root.querySelector<HTMLElement>(".launcher");
    expect(root.activeElement).toBe(launcher);
    launcher?.click();
    expect(root.querySelector(".panel")?.checkVisibility()).toBe(true);
    bench.close();
    const again = bench.open();
    expect(again.querySelector(".panel")?.className).toBe("panel right");
    expect(again.querySelector(".panel")?.getBoundingClientRect().width).toBe(width);
  });

  test("leave the end of the page to be reached, and the page as it was", async () => {
    document.body.style.paddingBottom = "7px";
    const { root } = await live();
    const { height } = root.querySelector(".panel")?.getBoundingClientRect() ?? { height: 0 };
    expect(height).toBeGreaterThan(100);
    expect(document.body.style.paddingBottom).toBe(`${height}px`);
    button(root, "Close").click();
    expect(document.body.style.paddingBottom).toBe("7px");
    root.querySelector<HTMLElement>(".launcher")?.click();
    expect(document.body.style.paddingBottom).toBe(`${height}px`);
    bench.close();
    expect(document.body.style.paddingBottom).toBe("7px");
    document.body.style.paddingBottom = "";
  });

  test("keep their looks to themselves, and the page's out", async () => {
    const style = document.createElement("style");
    style.textContent =
      "* { font-size: 40px !important; } button { display: none !important; } div { color: red }";
    document.head.append(style);
    const { root } = await live();
    const tab = button(root, "Timeline");
    expect(getComputedStyle(tab).fontSize).toBe("12px");
    const outside = document.createElement("section");
    outside.className = "panel";
    document.body.append(outside);
    expect(getComputedStyle(outside).position).toBe("static");
    outside.remove();
    style.remove();
  });
});

import type { Value } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TestServer } from "../server.fixture.ts";
import { DevtoolsBench, textOf } from "./devtools.fixture.ts";

const PATIENCE = { timeout: 20_000 };

/** Ways to make markup run, each in several disguises: 50 in all. */
const PAYLOADS: readonly string[] = [
  (n: number) => `<img src=x onerror="ran(${n})">`,
  (n: number) => `<script>ran(${n})</script>`,
  (n: number) => `<svg onload="ran(${n})"><set attributeName=x onbegin="ran(${n})"></svg>`,
  (n: number) => `<iframe srcdoc="<script>parent.ran(${n})</script>"></iframe>`,
  (n: number) => `<details open ontoggle="ran(${n})">x</details>`,
  (n: number) => `<input autofocus onfocus="ran(${n})">`,
  (n: number) => `<a href="javascript:ran(${n})" id=click>x</a>`,
  (n: number) =>
    `<style>@keyframes x{}</style><b style="animation:x" onanimationstart="ran(${n})">`,
  (n: number) => `<template shadowrootmode=open><img src=x onerror="ran(${n})"></template>`,
  (n: number) => `<video><source onerror="ran(${n})"></video>`,
].flatMap((make, row) =>
  [
    (text: string) => text,
    (text: string) => `"'>${text}`,
    (text: string) => `</style></script></title></textarea>${text}`,
    (text: string) => `\u2028${"A".repeat(8)}--!>]]>${text}`,
    (text: string) => `<b title="${text}">${text}<!--`,
  ].map((wrap, column) => wrap(make(row * 5 + column))),
);

let bench: DevtoolsBench;
let ran: number[];
beforeEach(() => {
  bench = new DevtoolsBench();
  ran = [];
  Object.assign(globalThis, { ran: (n: number) => ran.push(n) });
});
afterEach(() => bench.end());

test("[G17] 50 scripts in every field: all of them are shown, none of them runs", async () => {
  expect(new Set(PAYLOADS).size).toBe(50);
  await proveAlive();
  const root = bench.open();
  for (const [index, payload] of PAYLOADS.entries()) {
    const name = payload.slice(0, 200);
    const server = bench.serve(name, name, serverOf(payload, name));
    const handle = bench.client.module(name, name);
    const stop = handle.subscribe(() => undefined);
    await vi.waitFor(() => expect(handle.getSnapshot().status).toBe("live"), PATIENCE);
    await vi.waitFor(() => choose(root, name), PATIENCE);
    await handle.dispatch(name, { [payload]: payload });
    await expect(handle.dispatch("refuse", payload)).rejects.toThrow(payload.slice(0, 20));
    bench.socket.deliver({ type: "event", event: name, data: payload });
    server.commit({ op: "replace", path: ["text"], value: `${payload}!` });
    for (const tab of ["Confirmed", "Shown", "Timeline"]) await openAll(root, tab, payload);
    // As what waits for ever, and as a reason for the end.
    bench.isAnswering = false;
    handle.dispatch(name, payload).catch(() => undefined);
    await openAll(root, "Pending", payload);
    bench.socket.deliver({ type: "error", error: { code: "REFUSED", message: payload } });
    bench.socket.drop(4403);
    await vi.waitFor(() => expect(textOf(root, ".facts")).toContain("closed"), PATIENCE);
    expect(root.querySelector(".facts .trouble")?.textContent).toBe(`REFUSED: ${payload}`);
    bench.isAnswering = true;
    stop();
    expect(foreign(root), `payload ${index}`).toEqual([]);
  }
  // As long as it takes a script that does run, and more.
  await proveAlive();
  expect(ran).toEqual([-1, -1]);
}, 120_000);

/** The payload at every place where a state may have it. */
function serverOf(payload: string, name: string): TestServer {
  const state: Value = {
    text: payload,
    [`key ${payload}`]: 1,
    list: [payload, { [payload]: payload }],
    map: new Map<string, Value>([[payload, new Map([[payload, payload]])]]),
    set: new Set([payload]),
    url: new URL(`https://example.com/#${payload}`),
    regexp: new RegExp(payload.replaceAll(/[^\w<>="' ]/g, ".")),
  };
  return new TestServer(state, {
    [name]: (_: never, said: Value) => ({
      patches: [{ op: "add", path: [payload], value: said }],
      result: payload,
    }),
    refuse: (_: never, said: string) => {
      throw new Error(said);
    },
  });
}

function choose(root: ShadowRoot, name: string): void {
  const labels = [...root.querySelectorAll(".instance .label")];
  const label = labels.find((one) => one.textContent === `${name} ${name}`);
  label?.closest("button")?.click();
  expect(label).toBeDefined();
}

/** Opens a page of the panel, and all that can be opened there. */
async function openAll(root: ShadowRoot, tab: string, payload: string): Promise<void> {
  const tabs = [...root.querySelectorAll<HTMLElement>(".tab")];
  tabs.find(({ textContent }) => textContent?.startsWith(tab))?.click();
  const page = root.querySelector<HTMLElement>(".page:not([hidden])");
  await vi.waitFor(() => expect(page?.textContent).toContain(payload.slice(0, 12)), PATIENCE);
  for (let round = 0; round < 200; round++) {
    const closed = page?.querySelector<HTMLElement>("[aria-expanded=false]");
    if (!closed) return;
    closed.click();
  }
  throw new Error("There is no end to what can be opened.");
}

/** The page runs such things where they are parsed: otherwise the test would prove nothing. */
async function proveAlive(): Promise<void> {
  const before = ran.length;
  const control = document.createElement("div");
  control.innerHTML = `<img src=x onerror="ran(-1)">`;
  document.body.append(control);
  await vi.waitFor(() => expect(ran.length).toBeGreaterThan(before), PATIENCE);
  control.remove();
}

const OURS = new Set("div section nav p span b button input pre ul li svg title rect".split(" "));

/** What the devtools do not make: elements, and attributes that could do something. */
function foreign(root: ShadowRoot): string[] {
  return [...root.querySelectorAll("*")].flatMap(({ localName, attributes }) => [
    ...(OURS.has(localName) ? [] : [localName]),
    ...[...attributes]
      .map(({ name }) => name)
      .filter((name) => /^on|^(src|href|srcdoc)$/.test(name)),
  ]);
}

import { CloseCode } from "@holdfast/protocol";
import { describe, expect, test, vi } from "vitest";
import { createClient } from "../client.ts";
import { type App, createServer } from "../client.fixture.ts";
import { settle, TestPage } from "../page.fixture.ts";

interface Posted {
  readonly body: unknown;
  readonly accept: string | null;
}

/** A page and the server's side of `POST /holdfast/session`. */
class Visit {
  readonly page = new TestPage();
  readonly posted: Posted[] = [];
  readonly stored: Map<string, string>;
  /** What the next answer is. */
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 204 });

  constructor(stored = new Map<string, string>(), locks?: Pick<LockManager, "request">) {
    this.stored = stored;
    const client = createClient<App>({
      host: "https://api.example",
      environment: {
        ...this.page.environment,
        storage: {
          getItem: (key) => stored.get(key) ?? null,
          setItem: (key, value) => void stored.set(key, value),
        },
        locks,
        fetch: async (_url, init) => {
          const accept = new Headers(init.headers).get("Accept");
          this.posted.push({ body: init.body, accept });
          return this.answer();
        },
      },
    });
    client.module("counter").subscribe(() => undefined);
  }

  get offered(): readonly string[] {
    return this.page.socket.protocols;
  }

  /** As the Worker refuses a session that it does not take. */
  async refuse(code: "SESSION_INVALID" | "UNAUTHENTICATED" = "SESSION_INVALID"): Promise<void> {
    const { socket } = this.page;
    socket.open();
    socket.deliver({ type: "error", error: { code, message: "no" } });
    socket.drop(CloseCode.unauthenticated);
    await this.page.advance(10_000);
  }
}

const text = (session: string) => () => Response.json({ session });
const none = { body: undefined, accept: null };

describe("a session where cookies do not reach the server", () => {
  test("[P3] across sites the server gives it as a text, which is offered, stored and brought again", async () => {
    const visit = new Visit();
    visit.answer = text("id.1.signature");
    await settle();
    expect(visit.posted).toEqual([none]);
    expect(visit.offered).toEqual(["holdfast.1", "holdfast.session.id.1.signature"]);

    const later = new Visit(visit.stored);
    later.answer = text("id.2.signature");
    await settle();
    expect(later.posted).toEqual([{ body: "id.1.signature", accept: "application/json" }]);
    expect(later.offered).toEqual(["holdfast.1", "holdfast.session.id.2.signature"]);
    expect([...later.stored.values()]).toEqual(["id.2.signature"]);
  });

  test("a browser that keeps no cookies is found out by two refusals in a row, and gets a text", async () => {
    const visit = new Visit();
    await settle();
    expect(visit.offered).toEqual(["holdfast.1"]);
    await visit.refuse();
    expect(visit.posted).toEqual([none, none]);
    visit.answer = text("id.1.signature");
    await visit.refuse();
    expect(visit.posted.at(-1)).toEqual({ body: "", accept: "application/json" });
    expect(visit.offered).toContain("holdfast.session.id.1.signature");
    const server = createServer();
    server.accept(visit.page.socket);
    expect(visit.page.liveSockets).toHaveLength(1);
  });

  test("a session that runs out, and a token that is refused, make no text of a cookie", async () => {
    const visit = new Visit();
    await settle();
    await visit.refuse();
    createServer().accept(visit.page.socket);
    await visit.page.advance(120_000);
    await visit.refuse();
    await visit.refuse("UNAUTHENTICATED");
    expect(visit.posted.every(({ accept }) => accept === null)).toBe(true);
  });

  test("two pages that come for the first time end at one session", async () => {
    const stored = new Map<string, string>();
    const [first, second] = [new Visit(stored), new Visit(stored)];
    first.answer = text("one.1.signature");
    second.answer = text("two.1.signature");
    await settle();
    await settle();
    expect(second.offered).toEqual(first.offered);
  });
});

describe("pages of one browser that come at the same moment", () => {
  const url = "https://api.example/holdfast/session";
  const { locks } = navigator;

  test("[P3] ask one after the other, and each brings what the one before it was given", async () => {
    const stored = new Map<string, string>();
    const [first, second] = [new Visit(stored, locks), new Visit(stored, locks)];
    const { promise, resolve } = Promise.withResolvers<Response>();
    first.answer = () => promise;
    second.answer = text("one.1.signature");
    await vi.waitFor(() => expect(first.posted).toEqual([none]));
    await vi.waitFor(async () => expect((await locks.query()).pending).toHaveLength(1));
    expect(second.posted).toEqual([]);
    resolve(text("one.1.signature")());
    await vi.waitFor(() => expect(second.offered).toEqual(first.offered));
    expect(second.posted).toEqual([{ body: "one.1.signature", accept: "application/json" }]);
  });

  test("[P3] also when all of them have to renew what they have", async () => {
    const stored = new Map([[url, "old.1.signature"]]);
    const [first, second] = [new Visit(stored, locks), new Visit(stored, locks)];
    for (const one of [first, second]) one.answer = text("old.1.signature");
    await vi.waitFor(() => {
      for (const { offered } of [first, second]) expect(offered.join()).toContain("old.1");
    });
    for (const one of [first, second]) one.answer = text("new.1.signature");
    for (const one of [first, second]) await one.refuse();
    await vi.waitFor(() => expect(second.posted).toHaveLength(2));
    expect(first.posted[1]?.body).toBe("old.1.signature");
    expect(second.posted[1]?.body).toBe("new.1.signature");
  });

  test("[G13] one whose turn does not come asks all the same, after as long as an answer may take", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = locks.request(url, () => promise);
    const visit = new Visit(undefined, locks);
    await vi.waitFor(async () => expect((await locks.query()).pending).toHaveLength(1));
    await visit.page.advance(9_999);
    expect(visit.posted).toEqual([]);
    await visit.page.advance(1);
    await vi.waitFor(() => expect(visit.offered).toEqual(["holdfast.1"]));
    expect(visit.posted).toEqual([none]);
    resolve();
    await held;
    await vi.waitFor(async () => expect((await locks.query()).held).toEqual([]));
    await visit.page.advance(20_000);
    expect(visit.posted).toEqual([none]);
  });

  test("a page that may have no locks asks at once", async () => {
    const refused = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
    const visit = new Visit(undefined, refused);
    await settle();
    expect(visit.posted).toEqual([none]);
    expect(visit.offered).toEqual(["holdfast.1"]);
  });
});

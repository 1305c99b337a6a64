import type { StreamValue } from "@holdfast/protocol";
import { describe, expect, expectTypeOf, test } from "vitest";
import { settled, type TestConnection, TestInstance } from "../host/host.fixture.ts";
import { action as message } from "../host/test-module.fixture.ts";
import type { ContractOf } from "../module/definition.ts";
import type { CreatedContext } from "../module/hooks.ts";
import { action } from "./action.ts";
import { field } from "./field.ts";
import { stream } from "./stream.ts";
import { System } from "./system.ts";
import { systemModule } from "./system-module.ts";

let seq = 0;
function call(instance: TestInstance, page: TestConnection, name: string, payload?: string): void {
  seq++;
  instance.say(page, { ...message(seq, name, payload), settled: seq - 1 });
}

describe("a stream of a system", () => {
  let go: () => void = () => {};

  class Assistant extends System {
    @field reply = stream();
    @field asked = 0;
    notes = stream();

    override onCreate({ restored }: CreatedContext): void {
      if (!restored) this.reply.append("Welcome.");
    }

    @action() async ask(question: string): Promise<string> {
      this.asked++;
      this.reply.reset();
      this.reply.append(`${question}? `);
      await new Promise<void>((resolve) => (go = resolve));
      this.#answer("Yes.");
      return this.reply.text;
    }

    @action() stop(): void {
      this.reply.fail("stopped");
    }

    @action() assign(): void {
      this.reply = stream();
    }

    @action() note(): void {
      this.notes.append("lost");
    }

    #answer(text: string): void {
      this.reply.append(text);
    }
  }

  test("is written to by the methods of the class, also behind an await, and read by all", async () => {
    seq = 0;
    const instance = new TestInstance(systemModule(Assistant));
    const page = instance.join("alice", "c1");
    expect(page.take()).toMatchObject([{ state: { reply: { text: "Welcome." } } }]);
    call(instance, page, "ask", "Well");
    await settled();
    expect(page.take()).toMatchObject([
      { type: "received" },
      { type: "commit" },
      { type: "published" },
    ]);
    await instance.move(100);
    go();
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "ack", result: "Well? Yes." });
    expect(instance.join("bob", "c2").take()).toMatchObject([
      { state: { reply: { status: "done", text: "Well? Yes.", error: null }, asked: 1 } },
    ]);
  });

  test("is ended by another action, which the writer is told", async () => {
    seq = 0;
    const instance = new TestInstance(systemModule(Assistant));
    const page = instance.join("alice", "c1");
    call(instance, page, "ask", "Well");
    await instance.move(2_000);
    call(instance, page, "stop");
    page.take();
    go();
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "reject", error: { code: "CANCELLED" } });
    expect(instance.join("bob", "c2").take()).toMatchObject([
      { state: { reply: { status: "error", text: "Well? ", error: "stopped" }, asked: 0 } },
    ]);
  });

  test.each([
    ["assign", /"reply" was assigned to/],
    ["note", /it is no @field/],
  ])("what is written to it otherwise is refused (%s)", (name, message) => {
    seq = 0;
    const instance = new TestInstance(systemModule(Assistant));
    const page = instance.join("alice", "c1");
    page.take();
    call(instance, page, name);
    expect(page.take()).toMatchObject([
      { type: "reject", error: { message: expect.stringMatching(message) as string } },
    ]);
  });

  test("clients see its value", () => {
    type Contract = ContractOf<typeof Assistant>;
    expectTypeOf<Contract["state"]["reply"]>().toEqualTypeOf<StreamValue>();
    expectTypeOf<keyof Contract["actions"]>().toEqualTypeOf<"ask" | "stop" | "assign" | "note">();
  });
});

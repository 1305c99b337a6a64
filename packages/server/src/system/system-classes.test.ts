import { describe, expect, test } from "vitest";
import { TestInstance } from "../host/host.fixture.ts";
import { action } from "./action.ts";
import { Caller } from "./caller.fixture.ts";
import { field } from "./field.ts";
import { System } from "./system.ts";
import { systemModule } from "./system-module.ts";

describe("inheritance", () => {
  class Base extends System {
    @field log: string[] = [];
    @action() note(text: string): number {
      this.log.push(this.decorated(text));
      return this.log.length;
    }
    @action() async slowly(text: string): Promise<number> {
      await Promise.resolve();
      return this.note(text);
    }
    protected decorated(text: string): string {
      return text;
    }
  }

  class Derived extends Base {
    @field count = 0;
    #mark = "!";
    override note(text: string): number {
      this.count++;
      return super.note(text) * 10;
    }
    protected override decorated(text: string): string {
      return text + this.#mark;
    }
    set last(text: string) {
      this.log[this.log.length - 1] = text;
    }
    get last(): string {
      return this.log.at(-1) ?? "";
    }
    @action() amend(text: string): string {
      this.last = text;
      return this.last;
    }
  }

  test("an action that is overridden is still one, calls the one above, and the one above calls down", async () => {
    const caller = new Caller(new TestInstance(systemModule(Derived)));
    expect(caller.call("note", "a")).toMatchObject({ result: 10 });
    expect(await caller.callLater("slowly", "b")).toMatchObject({ result: 20 });
    expect(caller.call("amend", "c")).toMatchObject({ result: "c" });
    const base = new Caller(new TestInstance(systemModule(Base)));
    expect(base.call("note", "a")).toMatchObject({ result: 1 });
    expect(base.call("amend", "c")).toMatchObject({ error: { code: "UNKNOWN_ACTION" } });
  });

  test("a field that is declared anew without @field is not lost in silence", () => {
    class Careless extends Base {
      override log: string[] = ["mine"];
    }
    expect(() => systemModule(Careless)).toThrow(
      /The field "log" of the system Careless is a plain property.*declares it anew/,
    );
  });
});

describe("a class whose decorators are not what they should be", () => {
  test("those of old are told apart, and the error says what to do", () => {
    const decorate = field as unknown as (target: object, name: string) => void;
    expect(() => decorate(System.prototype, "tasks")).toThrow(/experimentalDecorators/);
    const decorateMethod = action() as unknown as (target: object, name: string) => void;
    expect(() => decorateMethod(System.prototype, "add")).toThrow(/experimentalDecorators/);
  });

  test("initializers that run before the property is there are noticed", () => {
    const initializers: ((this: System) => void)[] = [];
    const context = {
      kind: "field",
      name: "tasks",
      static: false,
      private: false,
      addInitializer: (run: (this: System) => void) => initializers.push(run),
    };
    field(undefined, context as unknown as ClassFieldDecoratorContext<System, unknown>);
    class Drafted extends System {
      constructor() {
        super();
        for (const run of initializers) run.call(this);
        Object.defineProperty(this, "tasks", { value: [], writable: true, configurable: true });
      }
    }
    expect(() => systemModule(Drafted)).toThrow(/runs them too early/);
  });

  test("a class with nothing in it was built without them", () => {
    class Stripped extends System {
      tasks: string[] = [];
      add(): void {}
    }
    expect(() => systemModule(Stripped)).toThrow(/neither fields nor actions.*dropped them/);
  });
});

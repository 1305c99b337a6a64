import { HoldfastError } from "@holdfast/protocol";

/** What every system has already. */
const TAKEN: ReadonlySet<string> = new Set(["constructor", "context", "sql", "onCreate"]);

/** What a decorator is told of the member that it stands on. */
type Member = Pick<ClassMemberDecoratorContext, "kind" | "name" | "private" | "static">;

const KINDS = { field: "field", action: "method" } as const;

/**
 * The name of a decorated member, if it can be a field or an action.
 *
 * @throws HoldfastError `DEFINITION_INVALID`, also where something has lowered the decorators that
 * does it in another way
 */
export function checkedMember(kind: "field" | "action", context: Member): string {
  assertStandard(kind, context);
  const { kind: stands, name, private: isPrivate, static: isStatic } = context;
  if (isPrivate || isStatic || typeof name !== "string") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `@${kind} stands on ${String(name)}, which is ${isStatic ? "static" : isPrivate ? "private" : "a symbol"}. Clients see public members of the object only; take the decorator away, or rename the member.`,
    );
  }
  if (stands !== KINDS[kind]) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `@${kind} stands on "${name}", which is a ${stands}. It belongs on a ${kind === "field" ? "property" : "method"}; @action() has parentheses, @field has none.`,
    );
  }
  return checkedName(kind, name);
}

/** The decorators of old, `experimentalDecorators`, are given a prototype and a name. */
function assertStandard(kind: "field" | "action", context: unknown): void {
  if (typeof context === "object" && context !== null && "addInitializer" in context) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `@${kind} was called as by "experimentalDecorators", the decorators that TypeScript had before the standard. Take that option out of tsconfig.json (or "legacy" out of Babel's, "tsDecorators" out of React's SWC plugin), and let holdfast() of @holdfast/server/vite lower them; wrangler and esbuild do it by themselves.`,
  );
}

export function checkedName(kind: "field" | "action", name: string): string {
  if (!TAKEN.has(name)) return name;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `A system has its own "${name}", so no ${kind} can be called so. Rename it.`,
  );
}

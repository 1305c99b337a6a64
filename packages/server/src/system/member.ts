import { HoldfastError } from "@holdfast/protocol";

/** What every system has already. */
const TAKEN: ReadonlySet<string> = new Set(["constructor", "context", "sql", "onCreate"]);

/** What a decorator is told of the member that it stands on. */
type Member = Pick<ClassMemberDecoratorContext, "kind" | "name" | "private" | "static">;

const KINDS = { field: "field", action: "method" } as const;

/** The name of a decorated member, if it can be a field or an action. */
export function checkedMember(
  kind: "field" | "action",
  { kind: stands, name, private: isPrivate, static: isStatic }: Member,
): string {
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

export function checkedName(kind: "field" | "action", name: string): string {
  if (!TAKEN.has(name)) return name;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `A system has its own "${name}", so no ${kind} can be called so. Rename it.`,
  );
}

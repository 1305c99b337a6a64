import { kindOf, type Primitive, type Value } from "@holdfast/protocol";
import { ANY, type PathPattern } from "../../module/path-pattern.ts";
import type { ViewRules } from "../../module/view.ts";

/** A place, told from the root, with what `place.ts` never sees: which keys are indices. */
type Place = readonly { readonly key: Primitive; readonly isIndex: boolean }[];

/**
 * What a viewer sees of a state, by the words of the documentation and nothing clever: every place is
 * compared with every pattern, from its beginning. `undefined` never stands for "hidden": keys are
 * left out.
 */
export function naiveView(state: Value, rules: ViewRules, secret: readonly string[]): Value {
  const { hide = [], show = [] } = rules;
  return look(state, []) as Value;

  function look(value: Value, place: Place): Value {
    const isShown = show.some((pattern) => isAt(pattern, place, "show"));
    if (isShown) return value;
    const isHidden = !isShown && hide.some((pattern) => isAt(pattern, place, "hide"));
    switch (kindOf(value)) {
      case "object": {
        const entries = Object.entries(value as Record<string, Value>);
        return Object.fromEntries(
          entries
            .filter(([key]) => sees([...place, { key, isIndex: false }]))
            .map(([key, item]) => [key, look(item, [...place, { key, isIndex: false }])]),
        );
      }
      case "Map": {
        const entries = [...(value as Map<Primitive, Value>)];
        return new Map(
          entries
            .filter(([key]) => sees([...place, { key, isIndex: false }]))
            .map(([key, item]) => [key, look(item, [...place, { key, isIndex: false }])]),
        );
      }
      case "array":
        return (value as Value[]).flatMap((item, key) => {
          const below = [...place, { key, isIndex: true }];
          return sees(below) ? [look(item, below)] : [];
        });
      case "Set":
        return new Set(
          [...(value as Set<Primitive>)].filter((key) => {
            const below = [...place, { key, isIndex: false }];
            return sees(below) && !seesOnlyWithin(below);
          }),
        );
      default:
        return isHidden ? null : value;
    }
  }

  function sees(place: Place): boolean {
    const [first] = place;
    if (place.length === 1 && secret.includes(first?.key as string)) return false;
    if (show.some((pattern) => isAt(pattern, place, "show"))) return true;
    return !hide.some((pattern) => isAt(pattern, place, "hide")) || seesOnlyWithin(place);
  }

  function seesOnlyWithin(place: Place): boolean {
    return (
      !show.some((pattern) => isAt(pattern, place, "show")) &&
      hide.some((pattern) => isAt(pattern, place, "hide")) &&
      show.some((pattern) => length(pattern) > place.length && begins(pattern, place, "show"))
    );
  }
}

/** The place is the pattern's, or within it. */
function isAt(pattern: PathPattern, place: Place, as: "hide" | "show"): boolean {
  return length(pattern) <= place.length && begins(pattern, place.slice(0, length(pattern)), as);
}

function length(pattern: PathPattern): number {
  return typeof pattern === "string" ? pattern.split(".").length : pattern.length;
}

function begins(pattern: PathPattern, place: Place, as: "hide" | "show"): boolean {
  const segments = typeof pattern === "string" ? pattern.split(".") : pattern;
  return place.every(({ key, isIndex }, depth) => {
    const segment = segments[depth];
    const isText = typeof pattern === "string";
    if (segment === ANY || (isText && segment === "*")) return true;
    if (isIndex) {
      if (as === "show") return false;
      return isText ? /^\d+$/.test(segment as string) : Number.isInteger(segment);
    }
    if (!isText) return Object.is(segment, key);
    return (typeof key === "string" || typeof key === "number") && String(key) === segment;
  });
}

import { type FormEvent, type RefObject, useLayoutEffect, useRef } from "react";
import { applyEdit, editBetween, moveAlong, rebaseEdit } from "./text-edit.ts";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Edits the text that is there by then: it may be another one than the edit was made on. */
export type TextRecipe = (current: string) => string;

export interface SharedText<Element extends Field> {
  readonly ref: RefObject<Element | null>;
  readonly onInput: (event: FormEvent<Element>) => void;
  readonly onCompositionEnd: () => void;
}

/**
 * A field whose text others edit as well. What is typed here becomes an edit, which still fits when
 * theirs comes first; what they type moves the caret along with the letters around it. React's own
 * controlled fields would put it at the end.
 */
export function useSharedText<Element extends Field>(
  text: string,
  onEdit: (recipe: TextRecipe) => void,
): SharedText<Element> {
  const ref = useRef<Element>(null);
  /** What the field holds, as of the last edit from either side. */
  const held = useRef("");
  const isComposing = useRef(false);

  function show(): void {
    const field = ref.current;
    // An input method that is at work would lose its place.
    if (!field || isComposing.current || field.value === text) return;
    const theirs = editBetween(field.value, text);
    const [begin, end] = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
    const direction = field.selectionDirection ?? "none";
    field.value = text;
    held.current = text;
    // To set a selection takes the focus in some browsers.
    if (document.activeElement !== field) return;
    field.setSelectionRange(moveAlong(begin, theirs), moveAlong(end, theirs), direction);
  }

  useLayoutEffect(show, [text]);

  return {
    ref,
    onInput: ({ currentTarget: field, nativeEvent }) => {
      isComposing.current = (nativeEvent as InputEvent).isComposing;
      const before = held.current;
      held.current = field.value;
      const mine = editBetween(before, field.value, field.selectionEnd ?? undefined);
      onEdit((current) => {
        const theirs = editBetween(before, current);
        return applyEdit(current, rebaseEdit(mine, theirs));
      });
    },
    onCompositionEnd: () => {
      isComposing.current = false;
      show();
    },
  };
}

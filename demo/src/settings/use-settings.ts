import { useLayoutEffect } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { AS_DELIVERED, choose, type SettingsState } from "./settings-actions.ts";

const optimistic = { choose };

export interface Settings {
  readonly settings: Readonly<SettingsState>;
  /** False until the server, or what this browser keeps of it, has said how things are. */
  readonly isKnown: boolean;
  readonly choose: (choice: Partial<SettingsState>) => void;
}

/** How this session wants the page, in all of its tabs; applied to the document. */
export function useSettings(): Settings {
  const { state, restored, actions } = usePersistedModule("settings", { optimistic });
  const settings = restored ? state : AS_DELIVERED;

  useLayoutEffect(() => {
    Object.assign(document.documentElement.dataset, settings);
  }, [settings]);

  return {
    settings,
    isKnown: restored,
    // A refusal shows itself: the page looks as the server has it.
    choose: (choice) => void actions.choose(choice).catch(() => {}),
  };
}

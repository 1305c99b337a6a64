import { app, HoldfastError } from "@holdfast/server";
import {
  AS_DELIVERED,
  choose,
  LETTERS,
  LIGHTS,
  type SettingsState,
  WATERS,
} from "./settings-actions.ts";

/**
 * How the page looks during one visit. Never persisted, so it is ephemeral, one for each browser
 * session: it outlives reloads, hibernation and deploys, and is as delivered again once the last tab
 * has been gone for a minute.
 */
export const settings = app
  .defineState<SettingsState>({ ...AS_DELIVERED })
  .onAction("choose", ({ state }, choice: Partial<SettingsState>) => {
    choose(state, checkedChoice(choice));
  })
  .build();

/** A payload is what some browser sent: its type is only what it claims. */
function checkedChoice(choice: Partial<SettingsState>): Partial<SettingsState> {
  const { light, letters, water } = choice ?? {};
  const isOneOf = (options: readonly string[], value: string | undefined): boolean =>
    value === undefined || options.includes(value);
  if (!isOneOf(LIGHTS, light) || !isOneOf(LETTERS, letters) || !isOneOf(WATERS, water)) {
    throw new HoldfastError("REFUSED", "There is no such setting.");
  }
  return choice ?? {};
}

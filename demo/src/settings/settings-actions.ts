export const LIGHTS = ["system", "day", "night"] as const;
export const LETTERS = ["usual", "large"] as const;
export const WATERS = ["moving", "still"] as const;

export interface SettingsState {
  /** Which colours: as the system has them, or one way. */
  light: (typeof LIGHTS)[number];
  letters: (typeof LETTERS)[number];
  /** Whether anything moves by itself. */
  water: (typeof WATERS)[number];
}

export const AS_DELIVERED: Readonly<SettingsState> = {
  light: "system",
  letters: "usual",
  water: "moving",
};

/** The server runs it on the real state, the browser on its prediction. */
export function choose(state: SettingsState, choice: Partial<SettingsState>): void {
  const { light = state.light, letters = state.letters, water = state.water } = choice;
  Object.assign(state, { light, letters, water });
}

export const LONGEST_TITLE = 80;
export const LONGEST_TEXT = 4_000;

export interface NotesState {
  title: string;
  text: string;
}

export const NO_NOTES: Readonly<NotesState> = { title: "", text: "" };

import { app, durableObjectStore, session, type StandardSchema } from "@holdfast/server";
import { LONGEST_TEXT, LONGEST_TITLE, NO_NOTES, type NotesState } from "./notes-state.ts";

/** What a browser may have made of its draft. Any validator of the Standard Schema would do. */
const fits: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "holdfast-demo",
    validate: (value) => {
      // A state is always an object; of what is in it a client's patch may have made anything.
      const { title, text } = value as Record<keyof NotesState, unknown>;
      const isText = (one: unknown, longest: number): boolean =>
        typeof one === "string" && one.length <= longest;
      if (isText(title, LONGEST_TITLE) && isText(text, LONGEST_TEXT)) return { value };
      return { issues: [{ message: `A draft has at most ${LONGEST_TEXT} characters.` }] };
    },
  },
};

/**
 * A draft, one for each browser session. Its pages edit it directly: `update(recipe)` shows what was
 * typed at once, sends it as patches, and runs again where another tab has typed meanwhile.
 */
export const notes = app
  .defineState<NotesState>({ ...NO_NOTES })
  .persist(durableObjectStore(session()))
  .clientWrites({ paths: ["title", "text"], schema: fits })
  .build();

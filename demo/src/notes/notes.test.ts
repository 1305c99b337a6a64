import type { ModuleHandle } from "@holdfast/client";
import type { TestPage } from "@holdfast/server/testing";
import { describe, expect, test } from "vitest";
import type { App } from "../app.ts";
import { open, startDemo, watched } from "../demo-app.fixture.ts";
import { LONGEST_TEXT } from "./notes-state.ts";

describe("notes", () => {
  test("two tabs that write at the same moment lose nothing of each other's", async () => {
    using demo = startDemo();
    const tab = (): ReturnType<typeof openNotes> => openNotes(demo.page({ browser: "laptop" }));
    const tabs = [tab()];
    // The first one gets the browser's session.
    await demo.rest();
    tabs.push(tab());
    await demo.rest();
    const written = tabs.flatMap((tab, who) =>
      Array.from({ length: 20 }, (_, line) =>
        tab.update((draft) => void (draft.text += `${who}:${line};`)),
      ),
    );
    await demo.pass(60_000);
    await Promise.all(written);
    const texts = tabs.map((tab) => tab.getSnapshot().state?.text ?? "");
    expect(texts[0]).toBe(texts[1]);
    for (const who of [0, 1]) {
      const own = texts[0]?.split(";").filter((one) => one.startsWith(`${who}:`));
      expect(own).toEqual(Array.from({ length: 20 }, (_, line) => `${who}:${line}`));
    }
  });

  test("[G16] a draft that is too long, or has something else in it, is refused and shown no more", async () => {
    using demo = startDemo();
    const notes = openNotes(demo.page());
    await demo.rest();
    const long = notes.update((draft) => void (draft.text = "x".repeat(LONGEST_TEXT + 1)));
    await expect(long).rejects.toMatchObject({ code: "INPUT_INVALID" });
    const other = notes.update((draft) => void Object.assign(draft, { owner: "me" }));
    await expect(other).rejects.toMatchObject({ code: "WRITE_FORBIDDEN" });
    expect(notes.getSnapshot()).toMatchObject({ pending: 0, state: { title: "", text: "" } });
  });

  test("another browser has a draft of its own", async () => {
    using demo = startDemo();
    const mine = openNotes(demo.page());
    const theirs = openNotes(demo.page());
    await mine.update((draft) => void (draft.title = "Mine"));
    await demo.rest();
    expect(theirs.getSnapshot().state).toEqual({ title: "", text: "" });
  });
});

function openNotes(page: TestPage): ModuleHandle<App["modules"]["notes"]> {
  return watched(open(page).module("notes"));
}

import { useState } from "react";
import { type Author, LONGEST_NAME } from "./chat-actions.ts";

const STORED_AS = "holdfast-demo:author";
const QUALITIES = ["Quiet", "Salty", "Drifting", "Patient", "Bright", "Tidal", "Curious", "Brave"];
const CREATURES = ["Limpet", "Otter", "Urchin", "Cormorant", "Whelk", "Seal", "Starfish", "Heron"];

/** Who writes in this browser: a public id, and a name that can be changed. */
export function useAuthor(): readonly [author: Author, rename: (name: string) => void] {
  const [author, setAuthor] = useState(loadAuthor);

  function rename(typed: string): void {
    const name = typed.trim().slice(0, LONGEST_NAME);
    if (name === "" || name === author.name) return;
    setAuthor(store({ ...author, name }));
  }

  return [author, rename];
}

function loadAuthor(): Author {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? "null") as Partial<Author> | null;
    if (stored?.id && stored.name) return { id: stored.id, name: stored.name };
  } catch {
    // Blocked or spoilt storage: somebody new, then.
  }
  return store({ id: crypto.randomUUID(), name: `${anyOf(QUALITIES)} ${anyOf(CREATURES)}` });
}

function store(author: Author): Author {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(author));
  } catch {
    // Without storage the name lasts as long as the page.
  }
  return author;
}

function anyOf(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? "Some";
}

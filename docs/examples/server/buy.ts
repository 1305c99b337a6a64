export interface Shopping {
  items: { id: string; text: string; bought: boolean }[];
}

/** What both sides do: the server to its state, a page to a draft of what it shows. */
export function buy({ items }: Shopping, id: string): void {
  const item = items.find((one) => one.id === id);
  if (item) item.bought = true;
}

import { app, durableObjectStore, HoldfastError, named } from "@holdfast/server";

interface Game {
  players: string[];
  hands: Record<string, string[]>;
  deck: string[];
  turn: string | null;
}

const NEW_GAME: Game = { players: [], hands: {}, deck: ["7♠", "Q♥", "2♦", "K♣"], turn: null };
const LONGEST_TURN_MS = 60_000;

export const game = app
  .defineState(NEW_GAME, {
    name: "game", // what storage calls it, whatever it is called in `modules`
    version: 2,
    migrate: { 2: (old) => ({ ...old, turn: old.players[0] ?? null }) },
  })
  .persist(durableObjectStore(named()))
  .events<{ passed: { who: string | null } }>()
  .private(["deck"])
  .view(({ user }) => ({ hide: ["hands.*"], show: [`hands.${user.id}`] }))
  .authorize(({ user }) => user !== null)
  .onConnect((state, { user }) => {
    if (user && !state.players.includes(user.id)) state.players.push(user.id);
  })
  .onAction(
    "draw",
    { authorize: ({ state, user }) => state.turn === null || state.turn === user?.id },
    ({ state, user, schedule }) => {
      const [card] = state.deck.splice(0, 1);
      if (!user || card === undefined) throw new HoldfastError("REFUSED", "The deck is empty.");
      state.hands[user.id] ??= [];
      state.hands[user.id]?.push(card);
      state.turn = next(state.players, user.id);
      schedule(LONGEST_TURN_MS, "pass", state.turn);
    },
  )
  .onAction("pass", ({ state, emit }, who: string | null) => {
    if (state.turn !== who) return;
    state.turn = next(state.players, who);
    emit("passed", { who });
  })
  .build();

function next(players: readonly string[], who: string | null): string | null {
  return players[(players.indexOf(who ?? "") + 1) % players.length] ?? null;
}

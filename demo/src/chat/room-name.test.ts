import { expect, test } from "vitest";
import { FIRST_ROOMS, isRoomName, LONGEST_ROOM_NAME, roomNameOf } from "./room-name.ts";

test.each([
  ["Deep Water!", "deep-water"],
  ["  kelp   forest ", "kelp-forest"],
  ["Übersee № 7", "übersee-7"],
  ["日本海", "日本海"],
  ["--a--b--", "a-b"],
  ["…", ""],
  ["", ""],
])("what is typed as %j is the room %j", (typed, name) => {
  expect(roomNameOf(typed)).toBe(name);
});

test("a long name is cut between characters, and does not end in a hyphen", () => {
  const beyondTheBasicPlane = "𐐨".repeat(LONGEST_ROOM_NAME + 5);
  expect(roomNameOf(beyondTheBasicPlane)).toBe("𐐨".repeat(LONGEST_ROOM_NAME));
  expect(roomNameOf(`${"a".repeat(LONGEST_ROOM_NAME - 1)} b`)).toBe(
    "a".repeat(LONGEST_ROOM_NAME - 1),
  );
});

test("a key is a room's name only if it is one that typing makes", () => {
  for (const room of [...FIRST_ROOMS, "übersee-7", "𐐨"]) expect(isRoomName(room)).toBe(true);
  for (const key of [
    "",
    "Deep Water",
    "a--b",
    "-a",
    "a-",
    "a/b",
    "x".repeat(LONGEST_ROOM_NAME + 1),
  ]) {
    expect(isRoomName(key)).toBe(false);
  }
});

test("the name of a name is that name", () => {
  for (const typed of ["A  b--C", "İstanbul", "ǅ", "a".repeat(99), "𐐨 ".repeat(40)]) {
    const name = roomNameOf(typed);
    expect(roomNameOf(name)).toBe(name);
  }
});

import { describe, expect, test } from "vitest";
import { open, startDemo, watched } from "../demo-app.fixture.ts";
import { LONGEST_TODO, MOST_TODOS } from "./todo-actions.ts";

describe("to-dos", () => {
  test("a guest's list comes along at sign-in, behind what the account has; another account sees none of it", async () => {
    using demo = startDemo({ hibernates: true });
    const laptop = watched(open(demo.page()).module("todos"));
    await laptop.actions.signIn("ada");
    await demo.pass(5_000);
    await laptop.actions.add("caulk the seams");
    const phone = watched(open(demo.page()).module("todos"));
    await phone.actions.add("buy tar");
    await phone.actions.signIn("ada");
    await demo.pass(5_000);
    for (const device of [laptop, phone]) {
      expect(device.getSnapshot().state).toMatchObject({
        user: { name: "Ada" },
        items: [{ text: "caulk the seams" }, { text: "buy tar" }],
      });
    }
    await phone.actions.signIn("bo");
    await demo.pass(5_000);
    expect(phone.getSnapshot().state).toEqual({ user: { id: "bo", name: "Bo" }, items: [] });
    await phone.actions.signOut();
    await demo.pass(5_000);
    expect(phone.getSnapshot().state).toEqual({ user: null, items: [] });
    expect(laptop.getSnapshot().state?.items).toHaveLength(2);
  });

  test("a server that dies while somebody signs in changes nothing but how long it takes", async () => {
    using demo = startDemo();
    const todos = watched(open(demo.page()).module("todos"));
    await todos.actions.add("buy tar");
    const signedIn = todos.actions.signIn("chidi");
    demo.kill();
    await demo.pass(120_000);
    await signedIn;
    expect(todos.getSnapshot()).toMatchObject({
      status: "live",
      state: { user: { id: "chidi" }, items: [{ text: "buy tar", done: false }] },
    });
  });

  test("what nobody could mean is refused", async () => {
    using demo = startDemo();
    const { actions } = watched(open(demo.page()).module("todos"));
    const refused = { code: "REFUSED" };
    await expect(actions.signIn("blackbeard")).rejects.toMatchObject(refused);
    await expect(actions.add("  ")).rejects.toMatchObject(refused);
    await expect(actions.add("x".repeat(LONGEST_TODO + 1))).rejects.toMatchObject(refused);
    await expect(actions.add(7 as never)).rejects.toMatchObject(refused);
    for (let one = 0; one < MOST_TODOS; one++) {
      await actions.add(`to-do ${one}`);
      await demo.pass(100); // as fast as one may
    }
    await expect(actions.add("one more")).rejects.toMatchObject(refused);
  });
});

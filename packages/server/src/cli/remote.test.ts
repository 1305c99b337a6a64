import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chat } from "../node/chat.fixture.ts";
import { TestBrowser } from "../node/page.fixture.ts";
import { startServer, withToken } from "../node/server.fixture.ts";
import { holdfast, project, type Said } from "./cli.fixture.ts";

const HOLDFAST_ADMIN_TOKEN = "an operator's token, long enough";

type Ask = (...args: readonly string[]) => Promise<Said>;

/** A running server, and the command beside it in a folder of its own. */
async function running(): Promise<{
  ask: Ask;
  cwd: string;
  server: Awaited<ReturnType<typeof startServer>>;
}> {
  const server = await startServer({ env: { HOLDFAST_ADMIN_TOKEN } });
  const cwd = project({});
  const env = { HOLDFAST_ADMIN_TOKEN, HOLDFAST_URL: server.url };
  return { server, cwd, ask: (...args) => holdfast(args, { cwd, env }) };
}

describe("against a running server", () => {
  test("inspect shows its modules, one instance, and its state, as a table or as JSON", async () => {
    const { ask, server } = await running();
    await server.instance("room", "a/b").actions.send("hello");
    expect((await ask("inspect")).printed).toMatch(
      /^module +keys +state version\n-+ +-+ +-+\ncounter +global +1\nroom +named +1\n/,
    );
    const { printed } = await ask("inspect", "room", "a/b", "--state");
    expect(printed).toMatch(/^key +a\/b$/m);
    expect(printed).toMatch(/^version +1$/m);
    expect(printed).toMatch(/^journal +1 rows, \d+ bytes$/m);
    expect(printed).toContain("texts: [ 'hello' ]");
    await server.instance("room", "a/b").actions.send("again");
    const { printed: journal } = await ask("inspect", "room", "a/b", "--journal", "5");
    expect(journal).toMatch(
      /^version +bytes +changed\n-+ +-+ +-+\n2 +\d+ +add state\.texts\[1\]\n1 +\d+ +/m,
    );
    expect((await ask("inspect", "room", "a/b", "--journal", "all")).code).toBe(2);
    const { printed: commits } = await ask("inspect", "room", "a/b", "--journal", "1", "--json");
    expect(JSON.parse(commits)).toMatchObject({ commits: [{ version: 2 }] });
    const { printed: json } = await ask("inspect", "room", "a/b", "--json");
    expect(JSON.parse(json)).toMatchObject({ module: "room", key: "a/b", connections: 0 });
  });

  test("[G11] export and import bring a state back, or to another key", async () => {
    const { ask, cwd, server } = await running();
    await server.instance("room", "one").actions.send("kept");
    const saved = await ask("export", "room", "one", "--out", "one.json", "--json");
    expect(JSON.parse(saved.printed)).toMatchObject({ module: "room", key: "one" });
    expect(saved.progress.at(-1)).toBe("Received 0.0 MB");
    expect(readdirSync(cwd).filter((name) => name.startsWith("one"))).toEqual(["one.json"]);
    await server.instance("room", "one").actions.send("too much");

    expect(await ask("import", "one.json")).toMatchObject({ code: 2 });
    expect((await ask("import", "one.json", "--yes")).code).toBe(0);
    expect((await ask("import", "one.json", "--key", "other", "--yes")).code).toBe(0);
    for (const key of ["one", "other"]) {
      expect((await ask("inspect", "room", key, "--state")).printed).toContain("texts: [ 'kept' ]");
    }
  });

  test("an instance without a key, and one whose key is derived from its state, find their way back", async () => {
    const { ask, cwd, server } = await running();
    await server.instance("counter").actions.increment(7);
    const page = await (await TestBrowser.at(server.url)).page("todos");
    page.send("login", "ann");
    await page.untilClosed();
    for (const [module = "", ...key] of [["counter"], ["todos", "ann"]]) {
      const { printed } = await ask("export", module, ...key);
      writeFileSync(join(cwd, "backup.json"), printed);
      const said = await ask("import", "backup.json", "--yes", "--json");
      expect(JSON.parse(said.printed)).toEqual({
        module,
        ...(key.length > 0 && { key: key[0] }),
        imported: true,
      });
    }
  });

  test("a backup that was damaged is refused in the server's words, and nothing is changed", async () => {
    const { ask, cwd, server } = await running();
    await server.instance("room", "one").actions.send("kept");
    await ask("export", "room", "one", "--out", "one.json");
    const file = join(cwd, "one.json");
    writeFileSync(file, readFileSync(file, "utf8").replace("kept", "lost"));
    const { code, noted } = await ask("import", "one.json", "--yes");
    expect(code).toBe(1);
    expect(noted).toMatch(/checksum.*IMPORT_INVALID/);
    expect((await ask("inspect", "room", "one", "--state")).printed).toContain("kept");
    writeFileSync(file, "{}");
    expect((await ask("import", "one.json", "--yes")).noted).toContain("is no backup");
  });

  test("a person is asked before a state is replaced", async () => {
    const { cwd, server, ask } = await running();
    await ask("export", "counter", "--out", "c.json");
    const env = { HOLDFAST_ADMIN_TOKEN, HOLDFAST_URL: server.url };
    const said = await holdfast(["import", "c.json"], { cwd, env, answers: false });
    expect(said).toMatchObject({
      code: 1,
      noted: expect.stringMatching(/Replace the state of counter\?/),
    });
    expect((await holdfast(["import", "c.json"], { cwd, env, answers: true })).code).toBe(0);
  });

  test("a user's connection and a room are looked at, and the user's state comes back", async () => {
    const server = await startServer({
      env: { HOLDFAST_ADMIN_TOKEN },
      connections: { user: chat },
    });
    const cwd = project({});
    const env = { HOLDFAST_ADMIN_TOKEN, HOLDFAST_URL: server.url };
    const ask = (...args: readonly string[]): Promise<Said> => holdfast(args, { cwd, env });
    const browser = await TestBrowser.at(server.url);
    const page = await browser.page("connection:user", { protocols: withToken("ann") });
    await page.act("say", { room: "lounge", text: "ahoy" });

    expect((await ask("inspect")).printed).toMatch(/^connection:user +user +1$/m);
    const { printed } = await ask("inspect", "connection:user", "user:ann", "--state");
    expect(printed).toMatch(/^connections +1$/m);
    expect(printed).toContain("said: 1");
    expect((await ask("inspect", "--room", "lounge")).printed).toMatch(/^members +1$/m);
    expect(JSON.parse((await ask("inspect", "--room", "nowhere", "--json")).printed)).toEqual({
      room: "nowhere",
      members: 0,
      isDelivering: false,
    });
    await ask("export", "connection:user", "user:ann", "--out", "ann.json");
    await page.act("say", { room: "lounge", text: "too much" });
    expect((await ask("import", "ann.json", "--yes")).code).toBe(0);
    const after = await ask("inspect", "connection:user", "user:ann", "--state");
    expect(after.printed).toContain("said: 1");
    expect((await ask("inspect", "connection:user", "ann")).noted).toContain("KEY_INVALID");
  });

  test("what is wrong is said: the token, the address, the name, the way there", async () => {
    const { server, ask } = await running();
    const wrong = {
      HOLDFAST_ADMIN_TOKEN: "another one that is long enough",
      HOLDFAST_URL: server.url,
    };
    const refused = await holdfast(["inspect"], { env: wrong });
    expect(refused.noted).toContain("has no admin surface for this token");
    expect(refused.noted).not.toContain("another one");
    expect((await holdfast(["inspect"], { env: { HOLDFAST_URL: server.url } })).noted).toContain(
      "HOLDFAST_ADMIN_TOKEN is not set",
    );
    expect((await ask("inspect", "nothing")).noted).toContain("UNKNOWN_MODULE");
    expect((await ask("export", "room")).noted).toContain("KEY_INVALID");
    expect((await ask("inspect", "--url", "http://app.example")).noted).toContain("in the clear");
    await server.close();
    expect((await ask("inspect")).noted).toContain("cannot be reached");
  });
});

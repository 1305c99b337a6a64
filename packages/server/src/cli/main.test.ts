import { expect, test } from "vitest";
import { holdfast } from "./cli.fixture.ts";

test("without a command, or with --help, the commands are listed", async () => {
  const asked = await holdfast(["--help"]);
  expect(asked.code).toBe(0);
  for (const name of ["init", "doctor", "deploy", "inspect", "export", "import"]) {
    expect(asked.printed).toMatch(new RegExp(`^  ${name} `, "m"));
    const help = await holdfast([name, "--help"]);
    expect(help).toMatchObject({ code: 0, noted: "" });
    expect(help.printed).toMatch(/Examples:\n  holdfast /);
  }
  expect(await holdfast([])).toMatchObject({ code: 2, printed: asked.printed });
});

test("--version says which one it is", async () => {
  expect((await holdfast(["--version"])).printed).toMatch(/^\d+\.\d+\.\d+/);
});

test("what is called in a wrong way ends with 2, and says how it is called", async () => {
  const unknown = await holdfast(["destroy"]);
  expect(unknown).toMatchObject({ code: 2, printed: "" });
  expect(unknown.noted).toContain('no command "destroy"');
  const option = await holdfast(["doctor", "--everything"]);
  expect(option).toMatchObject({ code: 2, printed: "" });
  expect(option.noted).toMatch(/--everything[^]*See: holdfast doctor --help/);
  expect((await holdfast(["constructor"])).code).toBe(2);
});

test("with --json a failure is JSON, too", async () => {
  const { code, printed } = await holdfast(["inspect", "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(printed)).toMatchObject({ error: expect.stringMatching(/Which server/) });
});

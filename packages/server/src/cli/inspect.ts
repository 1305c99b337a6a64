import { inspect as show } from "node:util";
import { decodeValue } from "@holdfast/protocol";
import type { RoomReport } from "../connection/room/held-room.ts";
import type { InstanceReport } from "../host/admin.ts";
import { type Command, ExitCode, Failure, text } from "./command.ts";
import { type ModuleList, Remote, REMOTE_HELP, REMOTE_OPTIONS } from "./remote.ts";
import { table } from "./table.ts";

export const inspect: Command = {
  summary: "shows the modules of a running server, or one instance",
  help: `holdfast inspect [module] [key] [options]

Shows which modules and connections a server has; with one, an instance of it: version, connections,
what is scheduled, what is stored. An instance of a connection is a user's: connection:<name>
user:<id>.

  --room <name>     a room instead: how many are in it
  --state           shows the state as well
  --journal <n>     the latest n commits as well: what each has changed, and how large it is
  --json            as JSON
${REMOTE_HELP}

Examples:
  holdfast inspect --url http://localhost:8787
  holdfast inspect chat general --state
  holdfast inspect chat general --journal 20 --json
  holdfast inspect connection:user user:ann
  holdfast inspect --room harbour`,
  options: {
    ...REMOTE_OPTIONS,
    state: { type: "boolean" },
    journal: { type: "string" },
    room: { type: "string" },
    json: { type: "boolean" },
  },
  async run({ values, positionals, surroundings }) {
    const [module, key] = positionals;
    if (positionals.length > 2) {
      throw new Failure("One instance at a time: a module, and its key.", ExitCode.usage);
    }
    const { print } = surroundings;
    const remote = new Remote(values, surroundings);
    const room = text(values, "room");
    if (room !== undefined) {
      if (module !== undefined) {
        throw new Failure("A room, or a module: one at a time.", ExitCode.usage);
      }
      const report = await remote.get("inspect", undefined, { room });
      print(values["json"] === true ? report : roomTable(JSON.parse(report) as RoomReport));
      return ExitCode.done;
    }
    if (module === undefined) {
      const list = await remote.get("inspect", undefined);
      print(values["json"] === true ? list : modulesTable(list));
      return ExitCode.done;
    }
    const commits = text(values, "journal") ?? "0";
    if (!/^\d+$/.test(commits)) {
      throw new Failure(`--journal takes a number of commits, not "${commits}".`, ExitCode.usage);
    }
    const report = await remote.get("inspect", { module, key }, { commits });
    const backup =
      values["state"] === true ? await remote.get("export", { module, key }) : undefined;
    // The server's own answers.
    const state =
      backup === undefined ? undefined : (JSON.parse(backup) as { state: string }).state;
    if (values["json"] === true) {
      // Encoded: JSON alone cannot hold what a state can.
      const parsed = JSON.parse(report) as InstanceReport;
      print(JSON.stringify(state === undefined ? parsed : { ...parsed, state }));
      return ExitCode.done;
    }
    print(reportTable(JSON.parse(report) as InstanceReport));
    const { commits: latest } = JSON.parse(report) as InstanceReport;
    if (latest) print(`\n${journalTable(latest)}`);
    if (state !== undefined) print(`\n${show(decodeValue(state), { depth: null })}`);
    return ExitCode.done;
  },
};

function modulesTable(list: string): string {
  // The server's own answer.
  const { modules } = JSON.parse(list) as ModuleList;
  return table(
    ["module", "keys", "state version"],
    modules.map(({ name, keys, version }) => [name, keys, String(version)]),
  );
}

function roomTable({ room, members, isDelivering }: RoomReport): string {
  return table(undefined, [
    ["room", room],
    ["members", String(members)],
    ["events on their way", isDelivering ? "yes" : "none"],
  ]);
}

/** What a commit has changed, as far as a line holds it. */
const MOST_PLACES = 6;

function journalTable(commits: NonNullable<InstanceReport["commits"]>): string {
  return table(
    ["version", "bytes", "changed"],
    commits.map(({ version, bytes, patches }) => {
      const places = patches.slice(0, MOST_PLACES).map(({ op, at }) => `${op} ${at}`);
      const left = patches.length - places.length;
      const more = left > 0 ? [`and ${left} more`] : [];
      return [String(version), String(bytes), [...places, ...more].join(", ")];
    }),
  );
}

function reportTable(report: InstanceReport): string {
  const { module, key, epoch, version, schema, connections, scheduled, stored } = report;
  const size = ({ rows, bytes }: { rows: number; bytes: number }): string =>
    `${rows} rows, ${bytes} bytes`;
  return table(undefined, [
    ["module", module],
    ["key", key || "(the only one)"],
    ["version", String(version)],
    ["state version", schema === undefined ? "nothing is stored" : String(schema)],
    ["epoch", epoch],
    ["connections", String(connections)],
    ["scheduled", scheduled.map((at) => new Date(at).toISOString()).join(", ") || "nothing"],
    ["journal", size(stored.journal)],
    ["state parts", size(stored.parts)],
    ["answers kept", size(stored.clients)],
  ]);
}

import type { ModuleDefinition } from "../module/definition.ts";
import { StateTree } from "../state/state-tree.ts";
import { Admin } from "./admin.ts";
import { Alarms } from "./alarms.ts";
import { Audience } from "./audience.ts";
import { Authority } from "./authority.ts";
import { begin } from "./begin.ts";
import type { Call } from "./call.ts";
import { PatchHistory } from "./client-patch-history.ts";
import { PatchLine } from "./client-patch-line.ts";
import { ClientPatches } from "./client-patches.ts";
import { Committer } from "./commit.ts";
import { ConnectionSide } from "./connection-side.ts";
import { Ephemeral } from "./ephemeral.ts";
import { Expiry } from "./expiry.ts";
import { Greeter } from "./greeter.ts";
import { ConnectionHooks } from "./hooks.ts";
import type { HostOptions } from "./host-options.ts";
import { Doorkeeper, staleText } from "./intake.ts";
import { Moves, watchOf } from "./move/moves.ts";
import { behind, type News } from "./news.ts";
import type { Platform } from "./platform.ts";
import { Presence } from "./presence.ts";
import { Recap } from "./recap.ts";
import { openHistory } from "./restore.ts";
import { Runner } from "./runner.ts";
import { Schedule } from "./schedule.ts";
import { Sequences } from "./sequences.ts";
import { SessionExpiry } from "./session-expiry.ts";
import { writeSaved } from "./store/saved-row.ts";
import { StoreKeeper } from "./store/store-keeper.ts";
import { LiveText } from "./stream/live-text.ts";
import { Streams } from "./stream/streams.ts";
import { Teller } from "./teller.ts";
import { Upkeep } from "./upkeep.ts";
import { Turn } from "./turn.ts";
import { Views } from "./view/views.ts";

/** What a host works with. */
export interface HostParts {
  readonly module: ModuleDefinition;
  readonly platform: Platform;
  readonly alarms: Alarms;
  readonly sequences: Sequences;
  readonly audience: Audience;
  readonly views: Views;
  readonly recap: Recap;
  readonly teller: Teller;
  readonly greeter: Greeter;
  readonly doorkeeper: Doorkeeper;
  readonly authority: Authority;
  readonly turn: Turn;
  readonly line: PatchLine;
  readonly runner: Runner;
  readonly hooks: ConnectionHooks;
  readonly presence: Presence;
  readonly expiry: Expiry;
  readonly ephemeral: Ephemeral;
  readonly sessionExpiry: SessionExpiry;
  readonly admin: Admin;
  /** Where the module is a connection's. */
  readonly side: ConnectionSide | undefined;
  /** Where the key is derived from the state. */
  readonly moves: Moves | undefined;
  /** Looks after the store of the module's own; `undefined` where there is none. */
  readonly keeper: StoreKeeper | undefined;
  /** The version that was restored; what came up to date behind it, nobody was told. */
  readonly restoredVersion: number;
}

/**
 * Restores an instance, and makes the parts of its host, which know each other. Nothing of them is
 * used before all are there: that is what the functions are for.
 *
 * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
 */
export function assemble(options: HostOptions): HostParts {
  const { module, name, key, sql, platform, limits, env, port, loaded } = options;
  const { home } = module;
  const meta = { module: name, key, schema: module.version };
  const alarms = new Alarms(sql, platform);
  const stored = { module, sql, platform, limits, loaded };
  const history = openHistory(stored);
  const { journal } = history;
  const restoredVersion = journal.version;
  const tree = new StateTree(history.state, { limits });
  const sequences = new Sequences(journal, limits.openSequences);
  const derived = watchOf({ module, name, key }, limits);

  // Who is told, and what.
  const views = new Views(module);
  const isBehind = (): boolean => committer.isBehind;
  // What storage has not taken is nobody's to see.
  const durable: Pick<StateTree, "committed"> = {
    committed: () => (isBehind() ? openHistory(stored).state : tree.committed()),
  };
  const recap = new Recap({ tree: durable, journal, views, limits });
  const audience = new Audience({ limits, platform, recap });
  const onTold = (): void => streams.check();
  const isRetired = (): boolean => committer.isRetired;
  const upkeep = new Upkeep({ journal, tree: durable, platform, isBehind, isRetired });
  const teller = new Teller({ tree: durable, upkeep, audience, recap, views, onTold });
  const tell = (news: readonly News[]): void => teller.tell(behind(committer.takeSaved(), news));

  // What changes the state. There is no keeper as long as `begin` commits.
  let keeper: StoreKeeper | undefined;
  const writes = module.clientWrites;
  const touched = writes && new PatchHistory(tree, journal, limits);
  const committer = new Committer({
    tree,
    journal,
    sequences,
    platform,
    limits,
    meta,
    watch: touched,
    sql,
    hidesPlaces: !views.areWhole,
    hooks: module.hooks,
    keys: derived?.watch,
    onCommit: home && (() => keeper?.changed()),
    readOnly: history.readOnly,
    onSaved: module.connection?.throwOnError === false ? () => tell([]) : undefined,
  });
  const text = new LiveText(audience, views);
  const streams = new Streams({ tree, committer, sql, platform, limits, text, tell });
  const greeter = new Greeter({ journal, sequences, audience, recap, views, streams });
  const turn = new Turn(platform, limits.waitingActions);
  const line = new PatchLine(platform, limits.patchTurnMs, (sequence) => {
    const text = staleText(sequence.client, sequence.seq);
    teller.tell([{ type: "answer", sequence, text }]);
  });
  const run = (calls: readonly Call[]): void => runner.run(calls);
  const parts = {
    module,
    alarms,
    sql,
    platform,
    limits,
    env,
    tree,
    journal,
    sequences,
    committer,
    turn,
    line,
    streams,
    audience,
    run,
    tell,
    isStored: () => journal.meta !== undefined,
    isAttended: () => !audience.isEmpty,
  };
  const authority = new Authority(parts);
  const side =
    module.connection && new ConnectionSide({ ...parts, port: options.rooms, greeter, teller });
  const presence = new Presence(parts);
  const instance = { kept: new Map(), committed: () => tree.committed() };
  const runner = new Runner({
    ...parts,
    side,
    instance,
    authority,
    presence: () => presence.all(),
    schedule: new Schedule(parts),
    patches:
      touched &&
      new ClientPatches({
        mayWrite: writes.mayWrite,
        schema: writes.schema ?? module.schema,
        history: touched,
        line,
        sequences,
        viewOf: (connection) => views.of(connection),
        limits,
      }),
    moves: () => moves,
  });

  // How it comes to its end, or goes elsewhere.
  const ephemeral = new Ephemeral({
    ...parts,
    // What a session has while it has no key lives no longer than somebody is there.
    module: derived?.place.type === "session" ? { ...module, ephemeral: "all" } : module,
    // A session that moves may be taking it along.
    isHeld: () => moves?.isMoving === true,
  });
  const admin = new Admin({ ...parts, meta, tree: durable, keys: derived?.watch });
  const sessionExpiry = new SessionExpiry({
    ...parts,
    derived,
    moves: () => moves,
    keeper: () => keeper,
    destroy: () => admin.destroy(),
    onExpired: () => options.onExpired?.(),
  });
  const moves =
    derived && port
      ? new Moves({
          ...derived,
          ...parts,
          port,
          onPlaced: () => {
            ephemeral.disconnected();
            sessionExpiry.used();
          },
          onAsked: () => sessionExpiry.used(),
          started: (principal, client) => runner.started(principal, client),
        })
      : undefined;

  // Nobody ever sees a state of what is elsewhere: it has none.
  if (!home || !moves?.isElsewhere) {
    begin({ ...parts, history, instance });
    // What `onCreated` may have changed is saved once too often.
    if (history.isSaved && journal.meta && !module.hooks.created) writeSaved(sql, journal);
  }
  derived?.watch.begin(tree.committed());
  if (home && derived?.place.type === "key") {
    keeper = new StoreKeeper({ ...parts, home, key: derived.place.key });
  }

  return {
    ...parts,
    views,
    recap,
    teller,
    greeter,
    doorkeeper: new Doorkeeper(module, sequences, { platform, limits }),
    authority,
    runner,
    hooks: new ConnectionHooks(parts),
    presence,
    expiry: new Expiry(audience, alarms, platform),
    ephemeral,
    sessionExpiry,
    admin,
    side,
    moves,
    keeper,
    restoredVersion,
  };
}

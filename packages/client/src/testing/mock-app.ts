import type { AppContract, HoldfastError, ModuleContract } from "@holdfast/protocol";
import type {
  ConnectionName,
  ConnectionOf,
  EventsOf,
  KeyArguments,
  ModuleName,
  ModuleOf,
  PresenceOf,
  RecipeOf,
} from "../contract.ts";
import type { Status } from "../status.ts";
import type { PredictionContext } from "../store/prediction.ts";
import { type MockOptions, MockServer, type MockServerOptions } from "./mock-server.ts";

/** What stands in for the actions of a module, or the events of a connection. */
export type MockActions<Module extends ModuleContract> = {
  readonly [Name in keyof Module["actions"]]?: (
    /** To be edited like an ordinary object, before the first `await`. */
    draft: Module["state"],
    payload: Module["actions"][Name]["parameters"][0],
    context: MockActionContext<Module>,
  ) => Module["actions"][Name]["result"] | Promise<Module["actions"][Name]["result"]>;
};

/** What an action's stand-in is given beside draft and payload. */
export interface MockActionContext<Module extends ModuleContract> extends PredictionContext {
  /** Tells the page, behind what the action changes. */
  readonly emit: EmitEvent<Module>;
  /** Edits the state behind an `await`, where the draft is of no use any more. */
  readonly update: (recipe: RecipeOf<Module>) => void;
}

type EmitEvent<Module extends ModuleContract> = <Event extends keyof EventsOf<Module> & string>(
  event: Event,
  data: EventsOf<Module>[Event],
) => void;

/** One module, or one connection, as a story has it. */
export interface MockModule<Module extends ModuleContract> {
  /** What every instance begins with, by its key; without it nothing is restored. */
  readonly state?: Module["state"] | ((key: string | undefined) => Module["state"]);
  /** What actions do. One that is left out does nothing, and resolves to `undefined`. */
  readonly actions?: MockActions<Module>;
}

/** Options of `mockApp`. */
export interface MockAppOptions<App extends AppContract> {
  readonly modules?: { readonly [Name in ModuleName<App>]?: MockModule<ModuleOf<App, Name>> };
  readonly connections?: {
    readonly [Name in ConnectionName<App>]?: MockModule<ConnectionOf<App, Name>>;
  };
  /** See `MockApp.setStatus`. Default: `"live"`. */
  readonly status?: Status;
}

/** An action that a component has called. */
export type MockCall<App extends AppContract> =
  | {
      readonly [Name in ModuleName<App>]: Called<"module", Name, ModuleOf<App, Name>>;
    }[ModuleName<App>]
  | {
      readonly [Name in ConnectionName<App>]: Called<"connection", Name, ConnectionOf<App, Name>>;
    }[ConnectionName<App>];

type Called<What extends string, Name extends string, Module extends ModuleContract> = {
  readonly [Action in keyof Module["actions"] & string]: {
    readonly [Kind in What]: Name;
  } & {
    readonly key: string | undefined;
    readonly action: Action;
    readonly payload: Module["actions"][Action]["parameters"][0];
  };
}[keyof Module["actions"] & string];

/** One instance, as a story drives it. */
export interface MockHandle<Module extends ModuleContract> {
  /** As it is now. */
  readonly state: Module["state"];
  /** Somebody else changes it: live, like any commit. */
  readonly update: (recipe: RecipeOf<Module>) => void;
  readonly emit: EmitEvent<Module>;
  /** Others are there and show this of themselves; in place of those before. */
  readonly setOthers: (others: readonly PresenceOf<Module>[]) => void;
}

/** An app without a server. */
export interface MockApp<App extends AppContract> {
  /** For `createHooks`, of whichever framework, or `createClient`. */
  readonly options: MockOptions;
  /** Every action that was called, in order. */
  readonly calls: readonly MockCall<App>[];
  /**
   * What hooks say of their connection from now on.
   *
   * - `"live"`, `"reconnecting"`, `"offline"`: an instance that was not shown yet is restored first.
   * - `"connecting"`: nothing is restored; what was live already says `reconnecting`.
   * - `"denied"`, `"closed"`: for good, with the error that hooks give. Default: `FORBIDDEN`, and
   *   `PROTOCOL_UNSUPPORTED`.
   */
  setStatus(status: Status, error?: HoldfastError): void;
  module<Name extends ModuleName<App>>(
    name: Name,
    ...key: KeyArguments<ModuleOf<App, Name>>
  ): MockHandle<ModuleOf<App, Name>>;
  connection<Name extends ConnectionName<App>>(
    name: Name,
    key?: string,
  ): MockHandle<ConnectionOf<App, Name>>;
}

/**
 * An app for stories and tests of components: states that you make up, and the client as it is, with
 * optimism, pending actions and reconnecting. There is no server, and nothing of `node:` in it.
 *
 * @example
 * const mock = mockApp<App>({
 *   modules: {
 *     todos: {
 *       state: { items: [{ id: "1", title: "milk", done: false }] },
 *       actions: { add: (draft, title, { randomId }) => void draft.items.push({ id: randomId(), title, done: false }) },
 *     },
 *   },
 * });
 * export const { useModule } = createHooks<App>(mock.options);
 */
export function mockApp<App extends AppContract>(options: MockAppOptions<App> = {}): MockApp<App> {
  const server = new MockServer(options as MockServerOptions);
  // Types are checked where it is used; inside nothing is known of the contract.
  return server as unknown as MockApp<App>;
}

import {
  DEFAULT_LIMITS,
  HoldfastError,
  type Limits,
  type ModuleContract,
  randomToken,
} from "@holdfast/protocol";
import { answerSession } from "../../admission/answer-session.ts";
import type { Authenticate } from "../../admission/authenticate.ts";
import { credentialsOf } from "../../admission/credentials.ts";
import { asRefusal, refusedRequest } from "../../admission/refusal.ts";
import { MAX_AGE_SECONDS, Sessions } from "../../admission/session.ts";
import { checkConnections } from "../../connection/check-connections.ts";
import type { Connections } from "../../connection/define-connection.ts";
import type { EventsOf, ServerEmitter } from "../../connection/server-emitter.ts";
import { closeWith } from "../../host/close.ts";
import { sessionIdentity } from "../../host/connection.ts";
import { type InstanceHandle, instanceHandle } from "../../host/instance-handle.ts";
import type { Instance } from "../../host/instance.ts";
import { serverEmitter } from "../../host/rooms/server-emit.ts";
import { followSession } from "../../host/move/follow-session.ts";
import type { ModuleEntries } from "../../module/definition.ts";
import { admitHere } from "../../node/admit-here.ts";
import type { Ground, Resident } from "../../node/resident.ts";
import { type Neighbourhood, Residents } from "../../node/residents.ts";
import type { RoomResident } from "../../node/room-resident.ts";
import type { InstanceOf } from "../../node/serve.ts";
import { checkModules } from "../../system/check-modules.ts";
import { modulesOf } from "../../system/modules-of.ts";
import { Clock } from "./clock.ts";
import { Errands } from "./errands.ts";
import type { PageSocket } from "./page-socket.ts";
import { passTime } from "./pass-time.ts";
import { TestBrowser } from "./test-browser.ts";
import { TestConnection } from "./test-connection.ts";
import { TestHome } from "./test-home.ts";
import { TestPage } from "./test-page.ts";

/** Options of `testApp`. */
export interface TestAppOptions<
  Env = unknown,
  Entries extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> {
  /** The modules of the app: the same that `createWorker` and `serve` take. */
  readonly modules: Entries;
  /** Its connections, likewise. */
  readonly connections?: Own;
  /** As in `createWorker`. */
  readonly authenticate?: Authenticate<Env>;
  readonly limits?: Partial<Limits>;
  /** What actions and `authenticate` get as their environment. */
  readonly env?: Env;
  /**
   * Every instance leaves memory after every event, as it may at any time in production. What an
   * action keeps outside its state is then gone at once, and the test sees it.
   */
  readonly hibernates?: boolean;
}

/** Options of a page. */
export interface PageOptions {
  /** Pages with the same name are tabs of one browser: one session. Default: a browser of its own. */
  readonly browser?: string;
  /** What the client's `token` gives, for `authenticate`; asked for every attempt to connect. */
  readonly token?: string | (() => string | undefined);
}

/** An app in a test: its instances, the pages around them, and the time. */
export interface TestApp<
  Entries extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> extends Disposable {
  /** Opens a page. Give its `options` to `createClient` or `createHooks`. */
  page(options?: PageOptions): TestPage;
  /** Resolves when nothing is on its way any more, in no time. */
  rest(): Promise<void>;
  /** Lets so many milliseconds pass, with all that happens in them. */
  pass(milliseconds: number): Promise<void>;
  /** Milliseconds since 1970, as the app has them. */
  readonly now: number;
  /** Every instance leaves memory, unless something is under way in it; sockets stay. */
  hibernate(): void;
  /** The server is killed at once, with every link; it is there again when somebody connects. */
  kill(): void;
  /** From now on no write succeeds, until it is called with `false`. */
  failStorage(fails?: boolean): void;
  /** Instances for code of the server, as `instance` of a Worker or of `serve`. */
  readonly instance: InstanceOf<Entries>;
  /** Events of a connection from code of the server, as `emit` of a Worker or of `serve`. */
  emit<Name extends keyof Own & string>(name: Name): ServerEmitter<EventsOf<Own[Name]>>;
  /** What the operator and the developer were told. */
  readonly reports: readonly string[];
}

/** How the homes of an app call each other, between the call and whom it reaches. */
export type Around = (homes: Neighbourhood) => Neighbourhood;

const ORIGIN = "https://app.test";

/** What `testApp` hands out. */
export class RunningApp<
  Env,
  Entries extends ModuleEntries,
  Own extends Connections,
> implements TestApp<Entries, Own> {
  readonly instance: InstanceOf<Entries>;
  readonly reports: string[] = [];
  readonly #options: TestAppOptions<Env, Entries, Own>;
  readonly #connections: Connections;
  readonly #residents: Residents;
  readonly #modules: ReturnType<typeof modulesOf>;
  readonly #limits: Limits;
  readonly #clock = new Clock(Date.now());
  readonly #errands = new Errands();
  readonly #instances = new Map<string, TestHome<Instance>>();
  readonly #rooms = new Map<string, TestHome<RoomResident>>();
  readonly #browsers = new Map<string, TestBrowser>();
  readonly #sessions: Promise<Sessions>;
  #isStorageFailing = false;

  /** @throws HoldfastError `DEFINITION_INVALID` */
  constructor(options: TestAppOptions<Env, Entries, Own>, around: Around = (homes) => homes) {
    checkModules(options.modules);
    checkConnections(options.connections ?? {});
    this.#options = options;
    this.#modules = modulesOf(options.modules);
    this.#connections = options.connections ?? {};
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#residents = new Residents(
      {
        modules: this.#modules,
        connections: this.#connections,
        limits: this.#limits,
        env: options.env,
      },
      around(this),
    );
    this.#sessions = Sessions.open([randomToken(43)], MAX_AGE_SECONDS, () => this.now);
    // The definition's own contract is what its author declared.
    this.instance = ((...named: readonly unknown[]) => this.#handle(named)) as InstanceOf<Entries>;
  }

  get now(): number {
    return this.#clock.now;
  }

  page({ browser, token }: PageOptions = {}): TestPage {
    return new TestPage({
      origin: ORIGIN,
      clock: this.#clock,
      browser: this.#browser(browser),
      token: typeof token === "string" ? () => token : token,
      fetch: (request) => this.#errands.follow(this.#answer(request)),
      connect: (socket, request) => this.#errands.follow(this.#connect(socket, request)),
      report: this.#report,
    });
  }

  rest(): Promise<void> {
    return this.#errands.rest();
  }

  pass(milliseconds: number): Promise<void> {
    return passTime(this.#clock, this.#errands, milliseconds);
  }

  hibernate(): void {
    for (const home of this.#homes()) home.hibernate();
  }

  kill(): void {
    for (const home of this.#homes()) home.kill();
  }

  failStorage(fails: boolean = true): void {
    this.#isStorageFailing = fails;
  }

  [Symbol.dispose](): void {
    for (const home of this.#homes()) home.close();
  }

  readonly #report = (message: string, cause?: unknown): void => {
    this.reports.push(cause === undefined ? message : `${message}: ${String(cause)}`);
  };

  #browser(name: string | undefined): TestBrowser {
    const known = name === undefined ? undefined : this.#browsers.get(name);
    const browser = known ?? new TestBrowser();
    if (name !== undefined) this.#browsers.set(name, browser);
    return browser;
  }

  at(name: string): TestHome<Instance> {
    let home = this.#instances.get(name);
    if (!home) {
      home = this.#open(name, (ground) => this.#residents.instance(ground));
      this.#instances.set(name, home);
    }
    return home;
  }

  room(name: string): TestHome<RoomResident> {
    let home = this.#rooms.get(name);
    if (!home) {
      home = this.#open(name, (ground) => this.#residents.room(ground));
      this.#rooms.set(name, home);
    }
    return home;
  }

  emit<Name extends keyof Own & string>(name: Name): ServerEmitter<EventsOf<Own[Name]>> {
    const residents = this.#residents;
    const emitter = serverEmitter(name, {
      connections: this.#connections,
      limits: this.#limits,
      knowsUsers: this.#options.authenticate !== undefined,
      deliver: (room, deliveries) => residents.deliver(room, deliveries),
      tell: (connection, instance, deliveries) =>
        residents.tell({ connection, instance }, undefined, deliveries),
    });
    // The definition's own contract is what its author declared.
    return emitter as ServerEmitter<EventsOf<Own[Name]>>;
  }

  #open<Here extends Resident>(name: string, begin: (ground: Ground) => Here): TestHome<Here> {
    return new TestHome(name, {
      begin,
      clock: this.#clock,
      errands: this.#errands,
      hibernates: this.#options.hibernates ?? false,
      isStorageFailing: () => this.#isStorageFailing,
      report: this.#report,
    });
  }

  *#homes(): Iterable<TestHome<Instance> | TestHome<RoomResident>> {
    yield* this.#instances.values();
    yield* this.#rooms.values();
  }

  #handle(named: readonly unknown[]): InstanceHandle<ModuleContract> {
    // The overloads allow nothing else.
    const [env, module, key] = (typeof named[0] === "string" ? [undefined, ...named] : named) as [
      unknown,
      string,
      string | undefined,
    ];
    return instanceHandle({
      modules: this.#modules,
      objects: () => ({
        getByName: (name) => ({
          holdfastCall: (call) => this.at(name).use((instance) => instance.call(call)),
        }),
      }),
      limits: this.#limits,
      env,
      module,
      key,
    });
  }

  async #answer(request: Request): Promise<Response> {
    return answerSession(request, await this.#sessions, []).catch((error: unknown) =>
      refusedRequest(asRefusal(error)),
    );
  }

  async #connect(socket: PageSocket, request: Request): Promise<TestConnection> {
    try {
      const admitted = await admitHere(request, credentialsOf(request), {
        modules: this.#modules,
        connections: this.#connections,
        sessions: await this.#sessions,
        // What it gets as `env` is what it asked for.
        authenticate: this.#options.authenticate as Authenticate | undefined,
        allowedOrigins: [],
        limits: this.#limits,
        env: this.#options.env,
      });
      const { key, identity } = admitted;
      return await followSession(key, async (place, generation) => {
        const home = this.at(admitted.home(place));
        const offered = { ...identity, generation };
        const where = await home.use((instance) => instance.locate(offered));
        if (where instanceof HoldfastError) throw where;
        if (where.type !== "here") return where;
        const here = { ...offered, generation: where.generation };
        const connection = new TestConnection(socket, here, this.#errands);
        home.accept(connection);
        return { type: "taken", taken: connection };
      });
    } catch (error) {
      // As everywhere: a browser cannot read why an upgrade was refused.
      const refused = new TestConnection(socket, sessionIdentity(""), this.#errands);
      refused.open({ receive: () => {}, disconnect: () => {} });
      closeWith(refused, asRefusal(error));
      return refused;
    }
  }
}

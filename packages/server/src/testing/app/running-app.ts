import { type Limits, randomToken } from "@holdfast/protocol";
import { answerSession } from "../../admission/answer-session.ts";
import type { Authenticate } from "../../admission/authenticate.ts";
import { credentialsOf } from "../../admission/credentials.ts";
import { asRefusal, refusedRequest } from "../../admission/refusal.ts";
import { MAX_AGE_SECONDS, Sessions } from "../../admission/session.ts";
import { type AppParts, assembleApp } from "../../app/assemble-app.ts";
import type { Connections } from "../../connection/define-connection.ts";
import type { EventsOf, ServerEmitter } from "../../connection/server-emitter.ts";
import { closeWith } from "../../host/close.ts";
import { sessionIdentity } from "../../host/connection.ts";
import type { Instance } from "../../host/instance.ts";
import type { ModuleEntries } from "../../module/definition.ts";
import { admitHere } from "../../node/admit-here.ts";
import { type CallIn, callIn, type InstanceOf } from "../../node/call-in.ts";
import { reachHere } from "../../node/reach-here.ts";
import type { Ground, Resident } from "../../node/resident.ts";
import { type Neighbourhood, Residents } from "../../node/residents.ts";
import type { RoomResident } from "../../node/room-resident.ts";
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
  readonly reports: string[] = [];
  readonly #options: TestAppOptions<Env, Entries, Own>;
  readonly #app: AppParts;
  readonly #residents: Residents;
  readonly #callIn: CallIn<Entries, Own>;
  readonly #clock = new Clock(Date.now());
  readonly #errands = new Errands();
  readonly #instances = new Map<string, TestHome<Instance>>();
  readonly #rooms = new Map<string, TestHome<RoomResident>>();
  readonly #browsers = new Map<string, TestBrowser>();
  readonly #sessions: Promise<Sessions>;
  #isStorageFailing = false;

  /** @throws HoldfastError `DEFINITION_INVALID` */
  constructor(options: TestAppOptions<Env, Entries, Own>, around: Around = (homes) => homes) {
    this.#options = options;
    this.#app = assembleApp(options);
    this.#residents = new Residents({ ...this.#app, env: options.env }, around(this));
    this.#callIn = callIn(this.#app, this, this.#residents);
    this.#sessions = Sessions.open([randomToken(43)], MAX_AGE_SECONDS, () => this.now);
  }

  get instance(): InstanceOf<Entries> {
    return this.#callIn.instance;
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
    return this.#callIn.emit(name);
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

  async #answer(request: Request): Promise<Response> {
    return answerSession(request, await this.#sessions, []).catch((error: unknown) =>
      refusedRequest(asRefusal(error)),
    );
  }

  async #connect(socket: PageSocket, request: Request): Promise<TestConnection> {
    try {
      const admitted = await admitHere(request, credentialsOf(request), {
        ...this.#app,
        sessions: await this.#sessions,
        allowedOrigins: [],
        env: this.#options.env,
      });
      return await reachHere(
        admitted,
        (name) => this.at(name),
        (home, identity) => {
          const connection = new TestConnection(socket, identity, this.#errands);
          home.accept(connection);
          return connection;
        },
      );
    } catch (error) {
      // As everywhere: a browser cannot read why an upgrade was refused.
      const refused = new TestConnection(socket, sessionIdentity(""), this.#errands);
      refused.open({ receive: () => {}, disconnect: () => {} });
      closeWith(refused, asRefusal(error));
      return refused;
    }
  }
}

import {
  DEFAULT_LIMITS,
  HoldfastError,
  type Limits,
  type ModuleContract,
  randomToken,
} from "@holdfast/protocol";
import { admit } from "../../admission/admit.ts";
import { answerSession } from "../../admission/answer-session.ts";
import type { Authenticate } from "../../admission/authenticate.ts";
import { credentialsOf } from "../../admission/credentials.ts";
import { asRefusal, refusedRequest } from "../../admission/refusal.ts";
import { MAX_AGE_SECONDS, Sessions } from "../../admission/session.ts";
import { closeWith } from "../../host/close.ts";
import { sessionIdentity } from "../../host/connection.ts";
import { type InstanceHandle, instanceHandle } from "../../host/instance-handle.ts";
import { followSession } from "../../host/move/follow-session.ts";
import type { ModuleEntries } from "../../module/definition.ts";
import { instanceName } from "../../module/instance-name.ts";
import { movePort } from "../../node/move-port.ts";
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
export interface TestAppOptions<Env = unknown, Entries extends ModuleEntries = ModuleEntries> {
  /** The modules of the app: the same that `createWorker` and `serve` take. */
  readonly modules: Entries;
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
export interface TestApp<Entries extends ModuleEntries = ModuleEntries> extends Disposable {
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
  /** What the operator and the developer were told. */
  readonly reports: readonly string[];
}

const ORIGIN = "https://app.test";

/**
 * Runs an app's modules in this process, as they run in production: the same host, journal, sessions
 * and admission, on a database in memory, with a network and a clock of the test's own. Time stands
 * still until `pass()`.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module
 *
 * @example
 * using app = testApp({ modules });
 * const ann = createClient<App>(app.page().options).module("todos", "shop");
 * const bob = createClient<App>(app.page().options).module("todos", "shop");
 * await ann.actions.add("milk");
 * await app.rest();
 * expect(bob.getSnapshot().state?.items).toHaveLength(1);
 */
export function testApp<Env = unknown, const Entries extends ModuleEntries = ModuleEntries>(
  options: TestAppOptions<Env, Entries>,
): TestApp<Entries> {
  checkModules(options.modules);
  return new App(options);
}

class App<Env, Entries extends ModuleEntries> implements TestApp<Entries> {
  readonly instance: InstanceOf<Entries>;
  readonly reports: string[] = [];
  readonly #options: TestAppOptions<Env, Entries>;
  readonly #modules: ReturnType<typeof modulesOf>;
  readonly #limits: Limits;
  readonly #clock = new Clock(Date.now());
  readonly #errands = new Errands();
  readonly #homes = new Map<string, TestHome>();
  readonly #browsers = new Map<string, TestBrowser>();
  readonly #sessions: Promise<Sessions>;
  #isStorageFailing = false;

  constructor(options: TestAppOptions<Env, Entries>) {
    this.#options = options;
    this.#modules = modulesOf(options.modules);
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
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
    for (const home of this.#homes.values()) home.hibernate();
  }

  kill(): void {
    for (const home of this.#homes.values()) home.kill();
  }

  failStorage(fails: boolean = true): void {
    this.#isStorageFailing = fails;
  }

  [Symbol.dispose](): void {
    for (const home of this.#homes.values()) home.close();
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

  at(name: string): TestHome {
    let home = this.#homes.get(name);
    if (!home) {
      home = new TestHome(name, {
        modules: this.#modules,
        limits: this.#limits,
        env: this.#options.env,
        clock: this.#clock,
        errands: this.#errands,
        hibernates: this.#options.hibernates ?? false,
        isStorageFailing: () => this.#isStorageFailing,
        port: (from, module) => movePort(this, from, module),
        report: this.#report,
      });
      this.#homes.set(name, home);
    }
    return home;
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
      const { moduleName, key, identity } = await admit(request, credentialsOf(request), {
        modules: this.#modules,
        sessions: await this.#sessions,
        // What it gets as `env` is what it asked for.
        authenticate: this.#options.authenticate as Authenticate | undefined,
        allowedOrigins: [],
        limits: this.#limits,
        env: this.#options.env,
      });
      return await followSession(key, async (place, generation) => {
        const home = this.at(instanceName(moduleName, place));
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

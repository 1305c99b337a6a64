import {
  type ClientMessage,
  encodeMessage,
  joinFrame,
  PROTOCOL_VERSION,
  type Value,
} from "@holdfast/protocol";
import type { Link } from "./link.ts";
import type { Order } from "./order.ts";
import type { Page } from "./page.ts";
import type { Event, Step } from "./step.ts";
import type { World } from "./world.ts";

/** More tabs than anybody has; each costs every step. */
const MOST_PAGES = 7;
/** So many frames of the historian fill a small resume window, and do not cost a history too much. */
const MOST_FRAMES = 8;
/** So many versions that a backup does not have are made anew in no time, in a frame each. */
const MOST_LOST = 12;
/** What of the historian's does not tick makes no version. */
const FRAMES_PER_TICK = 1.5;

type EventOf<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** Makes one step happen; what follows from it is left to the network. */
export async function perform(world: World, step: Step): Promise<void> {
  if (step.type === "cut") {
    withPage(world, step, (page) => page.plan(step.actions, step.seed));
    // What was dispatched together goes out together, in a moment.
    await world.settle();
  }
  happen(world, step);
}

function happen(world: World, step: Step): void {
  const { server, disk, clock } = world;
  switch (step.type) {
    case "act":
      return withPage(world, step, (page) => page.plan(step.actions, step.seed));
    case "cut":
      return withLink(world, step, (link) => cut(world, link, step));
    case "delay":
      return withLink(world, step, (link) => link.delay(step.way, clock.now + step.ms));
    case "half-open":
      return withPage(world, step, (page) => {
        page.watchHalfOpen();
        world.network.lineOf(page)?.goBlack();
      });
    case "unanswered":
      // A page asks for its session when it is loaded.
      return withPage(world, step, (page) => {
        closeTab(world, page);
        world.network.swallowRequest(world.addPage(page.principal));
      });
    case "duplicate":
      return withLink(world, step, (link) => link.repeat());
    case "truncate":
      return world.historian.visit(Math.min(world.limits.resumeVersions, MOST_FRAMES) + 1);
    case "visit":
      return world.historian.visit(step.frames);
    case "impostor":
      return withPage(world, step, (page) => impersonate(world, page));
    case "evict":
      return evict(world, step.sockets);
    case "deploy":
      server.flushAll();
      // In development, what was about to be told of presence is lost until somebody moves again.
      if (step.sockets === "hibernate" && (server.isIdle || !world.showsUsers)) server.swap();
      else server.evict();
      world.deploys++;
      return;
    case "kill":
      return kill(world, step);
    case "fail":
      world.failures++;
      return disk.plan({ type: `fail ${step.what}`, after: step.after, times: step.times });
    case "reload":
      return withPage(world, step, (page) => {
        closeTab(world, page);
        world.addPage(page.principal);
      });
    case "second tab":
      return withPage(world, step, ({ principal }) => {
        if (world.livePages.length < MOST_PAGES) world.addPage(principal);
      });
    case "leave":
      return withPage(world, step, (page) => page.leave());
    case "show":
      return withPage(world, step, (page) => page.show(step.isShown));
    case "return":
      return withPage(world, step, (page) => page.open());
    case "back up":
      return backUp(world);
    case "restore":
      return restore(world, step);
    case "old client":
      return withPage(world, step, ({ principal }) => void world.addPage(principal, "old client"));
    case "network":
      return withPage(world, step, (page) => setOnline(world, page, step.online));
    case "visibility":
      return withPage(world, step, (page) => page.environment.setVisible(step.visible));
    case "clock":
      if (step.page === "server") world.serverSkew += step.ms;
      else withPage(world, { page: step.page }, (page) => (page.environment.skew += step.ms));
      return;
    case "sleep":
      return withPage(world, step, (page) => page.environment.sleep(step.ms));
    case "wait":
      // Time passes behind the step.
      return;
  }
}

function withPage(world: World, { page }: { page: number }, work: (page: Page) => unknown): void {
  const { livePages } = world;
  const chosen = livePages[page % livePages.length];
  if (chosen) work(chosen);
}

function withLink(world: World, { page }: { page: number }, work: (link: Link) => void): void {
  withPage(world, { page }, (chosen) => {
    const link = world.network.lineOf(chosen);
    if (link) work(link);
  });
}

function cut(world: World, link: Link, step: EventOf<"cut">): void {
  const { up, down } = link.inFlight;
  link.delay("up", world.clock.now + step.upAfter);
  link.cut({
    up: Math.floor(up * step.up),
    down: Math.floor(down * step.down),
    heardAt: world.clock.now + step.heardAfter,
  });
}

function evict({ server }: World, sockets: "hibernate" | "close"): void {
  if (sockets === "hibernate") server.hibernate();
  else server.evict();
}

function kill(world: World, { when, downFor }: EventOf<"kill">): void {
  world.downFor = downFor;
  if (when.at === "now") world.server.kill();
  else if (when.at === "send") world.server.dieAtSend(when.after);
  else world.disk.plan({ type: "die", after: when.after });
}

/** A client id is no secret that anything may rest upon: what counts is the principal with it. */
function impersonate(world: World, page: Page): void {
  const client = page.clients.at(-1);
  if (client === undefined || !world.server.isReachable) return;
  const link = world.addLink("impostor");
  const say = (...messages: readonly ClientMessage[]): void =>
    world.server.receive(link, { type: "frame", text: joinFrame(messages.map(encodeMessage)) });
  const settled = 1_000;
  const order: Order = { id: "impostor", seed: 0, edits: [] };
  world.server.receive(link, { type: "connect" });
  say({ type: "hello", protocol: PROTOCOL_VERSION, clients: [{ id: client, settled }] });
  // True because an order is plain data.
  const payload = order as unknown as Value;
  say({ type: "action", client, seq: settled + 1, settled, name: "peek", payload });
  world.server.receive(link, { type: "close", code: 1000, reason: "", notBefore: 0 });
}

function closeTab(world: World, page: Page): void {
  // The browser closes the socket behind everything that is on its way.
  world.network.lineOf(page)?.sendUp({ type: "close", code: 1001, reason: "", notBefore: 0 });
  page.vanish();
}

function backUp(world: World): void {
  world.server.flushAll();
  const { head } = world.history;
  if (head && head.version > 0) world.backup = { copy: world.disk.copy(), head };
}

/** The operator brings a backup back: the process ends, and the next one finds the copy. */
function restore(world: World, { isOvertaken }: EventOf<"restore">): void {
  const { backup, server, disk, history, historian } = world;
  if (!backup) return;
  const lost = (history.head?.version ?? 0) - backup.head.version;
  server.kill();
  server.hibernate();
  disk.restore(backup.copy);
  historian.goBack(backup.head);
  history.branch(backup.head);
  world.wentBack = true;
  world.undoWhatIsNotIn(backup.head);
  if (isOvertaken) historian.visit(Math.ceil(Math.min(lost, MOST_LOST) * FRAMES_PER_TICK) + 1);
}

function setOnline(world: World, page: Page, isOnline: boolean): void {
  page.environment.setOnline(isOnline);
  // A browser that says so may be wrong.
  if (!isOnline && world.random.chance(0.5)) {
    page.watchHalfOpen();
    world.network.lineOf(page)?.goBlack();
  }
}

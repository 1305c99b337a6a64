import type { Browser, BrowserContext, Locator, Page, WebSocket } from "playwright-core";
import { expect } from "vitest";

export interface WindowOptions {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** The page of the demo. Default: the first one, with tide and chat. */
  readonly path?: string;
  /** The room in the address. */
  readonly room?: string;
  /** The name to write under. */
  readonly name?: string;
}

/** What the browser, and the client, write to the console while a server is away. */
const OUTAGE =
  /Holdfast cannot connect now|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_NETWORK_CHANGED|WebSocket connection to .* failed|net::ERR_ABORTED/;

/** A page waits up to 30 s before it tries again, so that not all come back at once. */
const WITHIN = { timeout: 60_000, interval: 50 };

/** The demo in a browser context of its own: another person, as far as the server can tell. */
export class DemoWindow {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and uncaught ones. */
  readonly problems: string[] = [];
  /** All Holdfast sockets that were ever opened. */
  readonly #sockets: WebSocket[] = [];
  /** All that ever came in on them, as text. */
  readonly received: string[] = [];
  /** The server may be away: what the browser itself says about that is no problem. */
  toleratesOutage = false;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(`uncaught: ${error.message}`));
    page.on("websocket", (socket) => {
      if (!pathOf(socket).startsWith("/holdfast/")) return;
      this.#sockets.push(socket);
      socket.on("framereceived", ({ payload }) => this.received.push(String(payload)));
    });
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      if (this.toleratesOutage && OUTAGE.test(message.text())) return;
      this.problems.push(
        `console ${message.type()}: ${message.text()} (${message.location().url})`,
      );
    });
  }

  static async open(browser: Browser, url: string, options: WindowOptions): Promise<DemoWindow> {
    const { colorScheme = "light", width = 1280, height = 860 } = options;
    const { path = "/", room, name } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const window = new DemoWindow(context, await context.newPage());
    const fragment = room === undefined ? "" : `#${encodeURIComponent(room)}`;
    await window.page.goto(`${url}${path}${fragment}`);
    await window.isLive();
    if (name !== undefined) await window.rename(name);
    return window;
  }

  /** The paths of all sockets that were ever opened. */
  get sockets(): string[] {
    return this.#sockets.map(pathOf);
  }

  /** Of those, the ones that are open. */
  get openSockets(): string[] {
    return this.#sockets.filter((socket) => !socket.isClosed()).map(pathOf);
  }

  /** Another tab of the same person. */
  async openTab(): Promise<DemoWindow> {
    const tab = new DemoWindow(this.context, await this.context.newPage());
    await tab.page.goto(this.page.url());
    return tab;
  }

  /** The tab's process dies in the middle of what it does: nothing in it gets to say goodbye. */
  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent("crash");
    const session = await this.context.newCDPSession(this.page);
    // Never answered: who would.
    session.send("Page.crash").catch(() => undefined);
    await crashed;
    await this.page.close();
  }

  async isLive(): Promise<void> {
    await this.page.locator('.status[data-status="live"]').waitFor();
    const isFirstPage = new URL(this.page.url()).pathname === "/";
    if (isFirstPage) await this.page.locator(".tide__press:enabled").waitFor();
  }

  async rename(name: string): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByLabel("Your name").press("Enter");
  }

  /** Real clicks of a mouse, one after another. */
  async press(times: number): Promise<void> {
    for (let pressed = 0; pressed < times; pressed++) {
      await this.page
        .locator(".tide__press")
        .click({ position: { x: 90 + (pressed % 7) * 30, y: 220 } });
    }
  }

  /** Faster than any hand: all clicks in one turn of the page's event loop. */
  async pressAtOnce(times: number): Promise<void> {
    await this.page.locator(".tide__press").evaluate((button, count) => {
      for (let pressed = 0; pressed < count; pressed++) (button as HTMLElement).click();
    }, times);
  }

  /** The count as a screen reader hears it. */
  async count(): Promise<number> {
    const text = await this.page.locator("#tide-count").textContent();
    return Number(/The count is (\d+)\./.exec(text ?? "")?.[1] ?? Number.NaN);
  }

  /** The digits that the odometer shows. */
  async shownDigits(): Promise<string> {
    return this.page
      .locator(".tide__basin > .odometer")
      .evaluate((odometer) =>
        Array.from(odometer.querySelectorAll<HTMLElement>(".odometer__strip"), (strip) =>
          strip.style.getPropertyValue("--digit"),
        ).join(""),
      );
  }

  async counts(expected: number): Promise<void> {
    await expect.poll(() => this.count(), WITHIN).toBe(expected);
  }

  /** Nothing that was done here waits for the server any more. */
  async isSettled(): Promise<void> {
    await expect.poll(() => this.pending(), WITHIN).toBe(0);
  }

  /** Presses that wait, and messages in the open room. */
  async pending(): Promise<number> {
    const presses = await this.page.locator(".tide__pending").getAttribute("data-pending");
    const messages = await this.page.locator('.message[data-pending="true"]').count();
    return Number(presses) + messages;
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel(/^Message to /).fill(text);
    // Until the room is there, Enter keeps the text where it is.
    await this.page.locator(".composer__send:enabled").waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** The texts of the open room, oldest first. */
  async texts(): Promise<string[]> {
    return this.page.locator(".message__text").allTextContents();
  }

  async reads(expected: readonly string[]): Promise<void> {
    await expect.poll(() => this.texts(), WITHIN).toEqual(expected);
  }

  /** How many messages the user has ever sent, as this tab knows it. */
  async sent(): Promise<number> {
    return Number(await this.page.locator(".composer__left").getAttribute("data-count"));
  }

  async hasSent(count: number): Promise<void> {
    await expect.poll(() => this.sent(), WITHIN).toBe(count);
  }

  theme(name: string): Locator {
    return this.page.getByRole("radio", { name, exact: true });
  }

  async hasTheme(name: string): Promise<void> {
    await this.page.locator(`.harbour[data-theme="${name}"]`).waitFor();
  }

  /** What is said of who else is in the room. */
  async seesHere(words: string): Promise<void> {
    await expect.poll(() => this.page.locator(".people__words").textContent(), WITHIN).toBe(words);
  }

  async hasUnread(room: string, count: number): Promise<void> {
    const link = this.page.locator(`.rooms__room[href="#${room}"] .rooms__unread`);
    await expect.poll(() => link.textContent(), WITHIN).toBe(`${count} new`);
  }

  async enter(room: string): Promise<void> {
    // The number of what is unread may stand behind its name.
    await this.page.locator(`.rooms__room[href="#${room}"]`).click();
    await this.page.getByLabel(`Message to ${room}`).waitFor();
  }
}

function pathOf(socket: WebSocket): string {
  return new URL(socket.url()).pathname;
}

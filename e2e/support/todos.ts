import type { Page } from "playwright-core";
import { expect } from "vitest";

const WITHIN = { timeout: 60_000, interval: 50 };

/** The to-do page, as somebody uses it. */
export class Todos {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async add(...texts: readonly string[]): Promise<void> {
    const field = this.page.locator('[aria-label="New to-do"]:enabled');
    for (const text of texts) {
      await field.fill(text);
      await field.press("Enter");
    }
  }

  async signIn(name: string): Promise<void> {
    await this.page.getByRole("button", { name: `Sign in as ${name}` }).click();
    await this.isUser(name.toLowerCase());
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: "Sign out" }).click();
    await this.isUser("guest");
  }

  /** Whose list is shown: an id, or `guest`. */
  async isUser(id: string): Promise<void> {
    await this.page.locator(`.todos[data-user="${id}"][aria-busy="false"]`).waitFor();
  }

  async isStored(): Promise<void> {
    await this.page.locator('.todos[data-pending="0"][aria-busy="false"]').waitFor();
  }

  /** The items in order, the done ones with a mark. */
  async items(): Promise<string[]> {
    return this.page
      .locator(".todo")
      .evaluateAll((items) =>
        items.map(
          (item) =>
            (item.querySelector("input")?.checked ? "✓ " : "") +
            item.querySelector(".todo__text")?.textContent,
        ),
      );
  }

  async shows(...items: readonly string[]): Promise<void> {
    await expect.poll(() => this.items(), WITHIN).toEqual(items);
  }
}

import {
  type Connection,
  type ConnectionIdentity,
  type ConnectionMeta,
  newMeta,
} from "@holdfast/server/internal/host/connection";
import type { Link } from "@holdfast/testing/world/link";

/** The object's end of a link. It outlives the object's memory, with its attachment. */
export class ServerSocket implements Connection {
  readonly instance: string;
  readonly link: Link;
  meta: ConnectionMeta;
  isOpen = true;
  #life: { readonly isOver: boolean } = { isOver: true };
  #onSend: (frame: string) => void = () => {};

  constructor(instance: string, link: Link, identity: ConnectionIdentity) {
    this.instance = instance;
    this.link = link;
    this.meta = newMeta(identity);
  }

  /** From now on it is in the hands of this life of its object. */
  attach(life: { readonly isOver: boolean }, onSend: (frame: string) => void): void {
    this.#life = life;
    this.#onSend = onSend;
  }

  remember(meta: ConnectionMeta): void {
    if (!this.#life.isOver) this.meta = structuredClone(meta);
  }

  send(frame: string): void {
    if (this.#life.isOver || !this.isOpen) return;
    this.#onSend(frame);
    this.link.sendDown({ type: "frame", text: frame });
  }

  close(code: number, reason: string): void {
    if (this.#life.isOver || !this.isOpen) return;
    this.isOpen = false;
    this.link.sendDown({ type: "close", code, reason });
  }
}

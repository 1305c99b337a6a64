import type { ActionContract, ModuleContract } from "@holdfast/protocol";
import type { PayloadParameters } from "../module/module-builder.ts";
import type { Visible } from "../module/module-builder.ts";

/**
 * What a connection's events look like, in both directions; types only.
 *
 * @example
 * interface ChatEvents {
 *   toServer: {
 *     typing: { room: string };                                // data, no result
 *     history(page: { before?: string }): Message[];           // data, and what `emit` resolves to
 *   };
 *   toClient: { message: Message; typing: { who: string } };
 * }
 */
export interface EventContract {
  readonly toServer: object;
  readonly toClient: object;
}

/** The contract of a connection that declares none: any event, with any data. */
export interface AnyEvents extends EventContract {
  readonly toServer: Record<string, unknown>;
  readonly toClient: Record<string, unknown>;
}

/** The data of an event that a contract describes. */
export type DataOf<Entry> = Entry extends (...data: infer Data) => unknown ? Data[0] : Entry;

/** What its handler returns; `void` where the contract only says what the data is. */
export type ResultOf<Entry> = Entry extends (...data: never[]) => infer Result
  ? Awaited<Result>
  : unknown extends Entry
    ? unknown
    : void;

/** A connection as clients see it: a module whose actions are its events. */
export interface ConnectionContractOf<
  State,
  Contract extends EventContract,
  Private extends string,
> extends ModuleContract {
  readonly state: Visible<State, Private>;
  readonly actions: {
    readonly [Event in keyof Contract["toServer"] & string]: EventAction<
      Contract["toServer"][Event]
    >;
  } & Record<never, ActionContract>;
  readonly keys: "fixed";
  readonly events: Contract["toClient"];
}

interface EventAction<Entry> extends ActionContract {
  readonly parameters: PayloadParameters<DataOf<Entry>>;
  readonly result: ResultOf<Entry>;
}

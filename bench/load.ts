import { performance } from "node:perf_hooks";
import type { Link } from "./subject.ts";

/** One action after the other: the milliseconds that each answer took. */
export async function loneRoundTrips(link: Link, count: number): Promise<number[]> {
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    let sent = performance.now();
    link.onAnswered = () => {
      times.push(performance.now() - sent);
      if (times.length === count) return resolve();
      // Not within the event of the answer: a reply from there would count half of our own read.
      setImmediate(() => {
        sent = performance.now();
        link.send(1);
      });
    };
    link.send(1);
  });
  link.onAnswered = ignore;
  return times;
}

/** Keeps `inFlight` actions open, each in a frame of its own, and gives the seconds for `total`. */
export function pipelined(link: Link, total: number, inFlight: number): Promise<number> {
  return flow([link], total, inFlight, (one, open) => {
    for (let n = 0; n < open; n++) one.send(1);
  });
}

/** The same, with what queued up while a frame was unanswered in the next one. */
export function batched(link: Link, total: number, inFlight: number): Promise<number> {
  return flow([link], total, inFlight, (one, open) => one.send(open));
}

/** Every link keeps one action open: the seconds for `total` of all of them. */
export function crowded(links: readonly Link[], total: number): Promise<number> {
  return flow(links, total, 1, (link, open) => link.send(open));
}

async function flow(
  links: readonly Link[],
  total: number,
  inFlight: number,
  send: (link: Link, count: number) => void,
): Promise<number> {
  const started = performance.now();
  let sent = 0;
  let answered = 0;
  const more = (link: Link, room: number): void => {
    const count = Math.min(room, total - sent);
    if (count === 0) return;
    sent += count;
    send(link, count);
  };
  await new Promise<void>((resolve) => {
    for (const link of links) {
      link.onAnswered = (count) => {
        answered += count;
        if (answered === total) resolve();
        else more(link, count);
      };
    }
    for (const link of links) more(link, inFlight);
  });
  for (const link of links) link.onAnswered = ignore;
  return (performance.now() - started) / 1000;
}

const ignore = (): void => undefined;

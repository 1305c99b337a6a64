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
  return flow(link, total, inFlight, (open) => {
    for (let n = 0; n < open; n++) link.send(1);
  });
}

/** The same, with what queued up while a frame was unanswered in the next one. */
export function batched(link: Link, total: number, inFlight: number): Promise<number> {
  return flow(link, total, inFlight, (open) => link.send(open));
}

/** Every link keeps one action under way: the seconds for `total` of all of them. */
export async function crowded(links: readonly Link[], total: number): Promise<number> {
  const started = performance.now();
  let sent = 0;
  let answered = 0;
  const act = (link: Link): void => {
    if (sent === total) return;
    sent++;
    link.send(1);
  };
  await new Promise<void>((resolve) => {
    for (const link of links) {
      link.onAnswered = () => {
        if (++answered === total) resolve();
        else act(link);
      };
    }
    for (const link of links) act(link);
  });
  for (const link of links) link.onAnswered = ignore;
  return (performance.now() - started) / 1000;
}

async function flow(
  link: Link,
  total: number,
  inFlight: number,
  send: (count: number) => void,
): Promise<number> {
  const started = performance.now();
  let sent = 0;
  let answered = 0;
  const more = (room: number): void => {
    const count = Math.min(room, total - sent);
    if (count === 0) return;
    sent += count;
    send(count);
  };
  await new Promise<void>((resolve) => {
    link.onAnswered = (count) => {
      answered += count;
      if (answered === total) resolve();
      else more(count);
    };
    more(inFlight);
  });
  link.onAnswered = ignore;
  return (performance.now() - started) / 1000;
}

const ignore = (): void => undefined;

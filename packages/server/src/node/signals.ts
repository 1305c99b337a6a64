const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Closes when the process is told to end, then ends it the way that it would have without. A second
 * signal ends it at once. What is returned calls that off.
 */
export function closeOnSignals(close: () => Promise<void>): () => void {
  const listeners = SIGNALS.map((signal) => {
    const onSignal = (): void => {
      const end = (): void => void process.kill(process.pid, signal);
      close().then(end, (error: unknown) => {
        console.error("Holdfast: the server could not be closed in order.", error);
        end();
      });
    };
    process.once(signal, onSignal);
    return { signal, onSignal };
  });
  return () => {
    for (const { signal, onSignal } of listeners) process.off(signal, onSignal);
  };
}

import type { CliContext } from "./cli_context.ts";

const SHOW_AFTER_MS = 1_000;
const REDRAW_MS = 250;
const CLEAR_LINE = "\r\x1b[2K";

/** Calls `tick` every so many milliseconds until the answer is called. */
export type Ticker = (tick: () => void, everyMs: number) => () => void;

export interface WhileWaitingOptions {
  /** What is being waited for, such as `waiting for the chain`. */
  readonly label: string;
  /** @default setInterval */
  readonly ticker?: Ticker;
}

/**
 * Does work of unknown length; says on standard error how long it has been going on: after a second, and only on a terminal. The line
 * is wiped when the work ends, before anything about it is printed.
 */
export async function whileWaiting<T>(
  { err, isTerminal, isAsking = () => false }: Pick<CliContext, "err" | "isTerminal" | "isAsking">,
  { label, ticker = everyInterval }: WhileWaitingOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (!isTerminal) return await work();
  let elapsedMs = 0;
  const stop = ticker(() => {
    elapsedMs += REDRAW_MS;
    if (elapsedMs >= SHOW_AFTER_MS && !isAsking()) {
      err(`${CLEAR_LINE}${label} … ${Math.floor(elapsedMs / 1_000)} s`);
    }
  }, REDRAW_MS);
  try {
    return await work();
  } finally {
    stop();
    if (elapsedMs >= SHOW_AFTER_MS) err(CLEAR_LINE);
  }
}

function everyInterval(tick: () => void, everyMs: number): () => void {
  const timer = setInterval(tick, everyMs);
  return () => clearInterval(timer);
}

import { PotError } from "../lib/core/errors.ts";

/** The process as far as stopping it goes. */
export interface StopSignalDeps {
  /** Calls `onSignal` for each SIGINT and SIGTERM from now on. */
  readonly listen: (onSignal: () => void) => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  /** Milliseconds, from anywhere. */
  readonly now: () => number;
}

/** Nobody asks twice so quickly: a Ctrl-C that the terminal sends to a whole group of processes is passed on by `deno task` as well. */
const ECHO_MS = 500;

/** What shells take for "ended by Ctrl-C". No answer of a command has it, so an interrupted `pot verify` never reads as "invalid". */
export const INTERRUPTED_EXIT_CODE = 130;

/** A signal that aborts at the first Ctrl-C, so that every command ends in order; who asks twice means it. */
export function createStopSignal({ listen, exit, now }: StopSignalDeps): AbortSignal {
  const stop = new AbortController();
  let firstMs = Infinity;
  listen(() => {
    if (stop.signal.aborted) {
      if (now() - firstMs >= ECHO_MS) exit(INTERRUPTED_EXIT_CODE);
      return;
    }
    firstMs = now();
    stop.abort(
      new PotError("Stopped by a signal", {
        hint: "run the same command again: nothing is recorded or sent twice",
      }),
    );
  });
  return stop.signal;
}

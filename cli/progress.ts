import type { CliContext } from "./cli_context.ts";

/** A bar on standard error for work that lasts: shown after a second, and only on a terminal. */
export interface Progress extends Disposable {
  /** `done` of `total`; `note` stands behind the bar. */
  update(done: number, total: number, note?: string): void;
}

export interface ProgressOptions {
  /** What is being done, such as `hashing`. */
  readonly label: string;
  /** Milliseconds since any fixed moment. @default performance.now */
  readonly now?: () => number;
}

const SHOW_AFTER_MS = 1_000;
const REDRAW_MS = 100;
const WIDTH = 24;
const CLEAR_LINE = "\r\x1b[2K";

/** Starts a progress bar; disposing it wipes the line. */
export function startProgress(
  { err, isTerminal }: Pick<CliContext, "err" | "isTerminal">,
  { label, now = () => performance.now() }: ProgressOptions,
): Progress {
  const start = now();
  let lastDraw = -Infinity;
  return {
    update(done, total, note = "") {
      const time = now();
      if (!isTerminal || time - start < SHOW_AFTER_MS || time - lastDraw < REDRAW_MS) return;
      lastDraw = time;
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
      const left = share > 0 ? ` ${Math.ceil((time - start) * (1 - share) / share / 1_000)} s left` : "";
      err(`${CLEAR_LINE}${label} ${bar} ${Math.floor(share * 100)} %${left} ${note}`);
    },
    [Symbol.dispose]() {
      if (lastDraw > -Infinity) err(CLEAR_LINE);
    },
  };
}

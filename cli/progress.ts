import type { CliContext } from "./cli_context.ts";

/** A bar on standard error for work that lasts: shown after a second, and only on a terminal. */
export interface Progress extends Disposable {
  /** `done` of `total`; `note` stands behind the bar. */
  update(done: number, total: number, note?: string): void;
}

export interface ProgressOptions {
  /** What is being done, such as `hashing`. */
  readonly label: string;
  /** What `done` and `total` count: of bytes, how many pass in a second is shown. @default things */
  readonly unit?: "bytes" | "things";
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
  { label, unit = "things", now = () => performance.now() }: ProgressOptions,
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
      const rate = unit === "bytes" ? ` ${formatBytes(done / (time - start) * 1_000)}/s` : "";
      err(`${CLEAR_LINE}${label} ${bar} ${Math.floor(share * 100)} %${rate}${left} ${note}`);
    },
    [Symbol.dispose]() {
      if (lastDraw > -Infinity) err(CLEAR_LINE);
    },
  };
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes as people read them, to three digits and in powers of 1000: `1.47 GB`. */
export function formatBytes(bytes: number): string {
  // By what it rounds to, so that 999 999 is 1.00 MB and not 1000 kB.
  const power = bytes < 999.5 ? 0 : Math.min(4, Math.floor(Math.log10(Number(bytes.toPrecision(3))) / 3));
  const value = bytes / 1_000 ** power;
  const digits = power === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[power]}`;
}

import type { AccessGate } from "../lib/access/access_gate.ts";
import type { ExitCode } from "../lib/core/errors.ts";
import type { Redactor } from "../lib/core/redactor.ts";

/** Everything a command may touch outside itself. `main.ts` makes the real one, tests make their own. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder, absolute. */
  readonly folder: string;
  /** Writes to standard output; secrets of this installation become `[secret]`. */
  out(text: string): void;
  /** Writes to standard error; secrets of this installation become `[secret]`. */
  err(text: string): void;
  /** Writes to standard output as it is: for a secret that was asked for twice, and nothing else. */
  reveal(text: string): void;
  /** Knows this installation's secrets, once the configuration is loaded; makes messages of others fit to be shown. */
  readonly redactor: Redactor;
  /** Standard error is a terminal that a person watches. */
  readonly isTerminal: boolean;
  /** Colours are welcome (a terminal, and no NO_COLOR). */
  readonly hasColor: boolean;
  /** Asks at the terminal without showing the answer; `undefined` when the person gives up. Absent where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string | undefined>;
  /** A question waits for its answer, so that nothing may be drawn over it. @default never */
  readonly isAsking?: () => boolean;
  /** Asks a yes-or-no question at the terminal. Absent where nobody can be asked. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Of whoever was allowed to run the command; what it opens asks there. @default as the configuration says */
  readonly access?: AccessGate;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets the exit code of a command that ends without an error; 0 unless called. */
  exitWith(code: 0 | ExitCode): void;
}

import { UsageError } from "../lib/core/errors.ts";
import type { CliContext } from "./cli_context.ts";

export interface ConfirmOptions {
  /** What is about to be done, such as `deploy the contract`. */
  readonly action: string;
  /** The chain, as a person calls it. */
  readonly chain: string;
  /** `--yes` was given. */
  readonly isConfirmed: boolean;
  /** Shown before the question. */
  readonly lines: readonly string[];
}

/**
 * Where real money is spent, somebody has to say so: `--yes`, or an answer at the terminal.
 *
 * @throws {UsageError} when nobody does
 */
export async function confirmMainNetwork(
  context: Pick<CliContext, "err" | "confirm">,
  { action, chain, isConfirmed, lines }: ConfirmOptions,
): Promise<void> {
  if (isConfirmed) return;
  if (context.confirm !== undefined) {
    for (const line of lines) context.err(`${line}\n`);
    if (
      await context.confirm(`${action[0]!.toUpperCase()}${action.slice(1)} on ${chain}, with real money?`)
    ) return;
  }
  throw new UsageError(`Cannot ${action} on ${chain} as nobody confirmed that it may cost real money`, {
    facts: lines.map((line) => line.trim()).filter((line) => line !== ""),
    hint: "give --yes once --dry-run shows what you expect",
  });
}

import { UsageError } from "../lib/core/errors.ts";
import { type LogKey, parseLogKeys } from "../lib/core/log_keys.ts";

/**
 * Reads a log's published set of keys. One that cannot be read is the caller's mistake, never a verdict.
 *
 * @param purpose what they are for: `verify the proof`
 * @throws {UsageError}
 */
export async function readLogKeys(file: string, purpose: string): Promise<readonly LogKey[]> {
  try {
    return await parseLogKeys(await Deno.readTextFile(file));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UsageError(`Cannot ${purpose} as the log keys are unreadable`, {
      facts: [`file: ${file}`, `reason: ${cause.message}`],
      hint: "get what pot log keys --json printed from the log's owner",
      cause,
    });
  }
}

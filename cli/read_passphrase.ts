import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { CliContext } from "./cli_context.ts";
import { tellIfReadable } from "./tell_if_readable.ts";

/** Where the passphrase of a backup of the log key may stand in the environment. */
export const PASSPHRASE_VARIABLE = "POT_KEY_PASSPHRASE";

/** Of a new passphrase. Whoever gets the file can try any number of them. */
const MIN_LENGTH = 12;

export interface ReadPassphraseOptions {
  /** As given on the command line. */
  readonly file: string | undefined;
  /** It is about to encrypt: long enough, and typed twice. */
  readonly isNew: boolean;
  /** The environment variable that may hold it, and with `_FILE` the file that does. @default POT_KEY_PASSPHRASE */
  readonly variable?: string;
  /** What is asked at the terminal. @default "Passphrase" */
  readonly question?: string;
}

/**
 * The passphrase: from the given file (its one line), else the environment or the file that it names, else asked for at the terminal. Never from the command
 * line, which other users of the machine can read.
 *
 * @throws {UsageError} when there is none, or a new one is too short
 */
export async function readPassphrase(
  context: Pick<CliContext, "env" | "folder" | "askSecret"> & Partial<Pick<CliContext, "err">>,
  { file: given, isNew, variable = PASSPHRASE_VARIABLE, question = "Passphrase" }: ReadPassphraseOptions,
): Promise<string> {
  const file = given ?? (context.env[variable] ? undefined : context.env[`${variable}_FILE`] || undefined);
  if (file !== undefined) await tellIfReadable(context, [resolve(context.folder, file)]);
  const passphrase = file !== undefined
    ? await readLine(resolve(context.folder, file))
    : context.env[variable] || await ask(context, { isNew, variable, question });
  if (passphrase === "") throw new UsageError("Cannot use the passphrase as it is empty");
  if (isNew && passphrase.length < MIN_LENGTH) {
    throw new UsageError(`Cannot use the passphrase as it is shorter than ${MIN_LENGTH} characters`, {
      hint: "take several random words: whoever gets the file can try any number of passphrases",
    });
  }
  return passphrase;
}

async function readLine(file: string): Promise<string> {
  try {
    return (await Deno.readTextFile(file)).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new UsageError("Cannot read the passphrase from the file", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "check the path and its permissions",
    });
  }
}

async function ask(
  { askSecret }: Pick<CliContext, "askSecret">,
  { isNew, variable, question }: Required<Pick<ReadPassphraseOptions, "isNew" | "variable" | "question">>,
): Promise<string> {
  const first = await askSecret?.(question);
  if (first === undefined) {
    throw new UsageError("Cannot go on as no passphrase is given", {
      hint: `use --passphrase-file <file> or ${variable}, or type it at a terminal`,
    });
  }
  if (!isNew || await askSecret?.("The same again") === first) return first;
  throw new UsageError("Cannot use the passphrase as it was not typed the same twice");
}

import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { PASSPHRASE_VARIABLE, readPassphrase } from "./read_passphrase.ts";
import { whileWaiting } from "./while_waiting.ts";

interface RestoreKeyOptions extends GlobalOptions {
  passphraseFile?: string;
}

/** `pot log restore-key`. */
export function logRestoreKeyCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Put a backed up log key into the home folder. Never brings a retired key back.")
    .arguments("<file:string>")
    .option(
      "--passphrase-file <file:string>",
      `Read the passphrase from this file. [default: ${PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .example("Restore", "pot log restore-key log-key.age")
    .action(async (options: RestoreKeyOptions, file: string) => {
      const { home, origin } = await loadConfig(context, options);
      const backup = await readBackup(resolve(context.folder, file));
      const passphrase = await readPassphrase(context, { file: options.passphraseFile, isNew: false });
      const [{ restoreLogKey }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/restore_log_key.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const restored = await whileWaiting(context, { label: "decrypting" }, () =>
        restoreLogKey(home, {
          files: denoFiles,
          backup,
          passphrase,
          ...(origin === undefined ? {} : { origin }),
        }));
      report(context, options, {
        json: { home, ...restored },
        lines: [
          restored.isNew ? `restored the log key in ${home}` : `${home} has this log key already`,
          `  key of    ${restored.verifierKey}`,
        ],
        next: ["pot log keys"],
      });
    });
}

/** More than the set of a thousand keys takes. */
const MAX_BYTES = 4 * 1024 * 1024;

async function readBackup(file: string): Promise<Uint8Array> {
  try {
    const { size } = await Deno.stat(file);
    if (size <= MAX_BYTES) return await Deno.readFile(file);
  } catch (cause) {
    throw new UsageError("Cannot read the backup of the log key", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "check the path and its permissions",
    });
  }
  throw new UsageError("Cannot read the backup of the log key as the file is too large to be one", {
    facts: [`file: ${file}`, `limit: ${MAX_BYTES} bytes`],
  });
}

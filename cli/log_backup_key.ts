import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { PASSPHRASE_VARIABLE, readPassphrase } from "./read_passphrase.ts";
import { whileWaiting } from "./while_waiting.ts";

interface BackupKeyOptions extends GlobalOptions {
  output: string;
  passphraseFile?: string;
}

/** `pot log backup-key`. */
export function logBackupKeyCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Write the private log key into a file encrypted with a passphrase (age).")
    .option("-o, --output <file:string>", "Where to write it; never overwritten.", { required: true })
    .option(
      "--passphrase-file <file:string>",
      `Read the passphrase from this file. [default: ${PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .example("Back up", "pot log backup-key --output log-key.age")
    .action(async (options: BackupKeyOptions) => {
      const { home } = await loadConfig(context, options);
      const passphrase = await readPassphrase(context, { file: options.passphraseFile, isNew: true });
      const [{ backUpLogKey }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/back_up_log_key.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const output = resolve(context.folder, options.output);
      const verifierKey = await whileWaiting(
        context,
        { label: "encrypting, and reading it back" },
        () => backUpLogKey(home, { files: denoFiles, output, passphrase }),
      );
      report(context, options, {
        json: { file: output, verifierKey },
        lines: [`wrote ${options.output}`, `  key of    ${verifierKey}`],
        next: ["pot log restore-key <file>"],
      });
    });
}

import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import type { Config } from "../lib/runtime/config.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface ShowOptions extends GlobalOptions {
  unlock?: boolean | undefined;
}

/** `pot keys show`. */
export function keysShowCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Show which account signs, never its key. An encrypted file is not opened unless asked.")
    .arguments("[file:string]")
    .option("--unlock", "Open the file with its passphrase, to see that it does open.")
    .example("The configured one", "pot keys show")
    .example("A file", "pot keys show signer.json --unlock")
    .action(async (options: ShowOptions, file?: string) => {
      const flags = file === undefined ? {} : { keystore: resolve(context.folder, file) };
      const config = await loadConfig(context, options, flags);
      const { showKey } = await import("../lib/runtime/show_key.ts");
      const isUnlocked = options.unlock === true;
      const shown = await whileWaiting(
        context,
        { label: "opening" },
        () =>
          showKey(file === undefined ? config : ofAnyAccount(config), {
            unlock: isUnlocked,
            signal: context.signal,
          }),
      );
      if (shown === undefined) {
        throw new UsageError("Cannot show the signing account as none is configured", {
          hint: "set POT_KEY_SOURCE, POT_KEYSTORE (pot keys new makes one) or PRIVATE_KEY",
        });
      }
      const { address, source } = shown;
      report(context, options, {
        json: { ...(address === undefined ? {} : { address }), source, isUnlocked },
        lines: [
          address ?? "the file does not name its account; --unlock finds out",
          `  from      ${source}${isUnlocked ? ", which opens" : ""}`,
        ],
      });
    });
}

/** A named file may be another account's than the configured one. */
function ofAnyAccount({ signing, ...config }: Config): Config {
  if (signing === undefined) return config;
  const { address: _configured, ...source } = signing;
  return { ...config, signing: source };
}

import { Command } from "@cliffy/command";
import { relative, resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { KEYSTORE_PASSPHRASE_VARIABLE } from "./keystore_passphrase.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { readPassphrase } from "./read_passphrase.ts";
import { whileWaiting } from "./while_waiting.ts";

interface NewOptions extends GlobalOptions {
  output?: string;
  passphraseFile?: string;
  fromEnvironment?: boolean | undefined;
}

const PRIVATE_KEY = /^(?:0x)?[0-9a-fA-F]{64}$/;

/** `pot keys new`. */
export function keysNewCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Make an account and keep its key in an encrypted file that other Ethereum tools read too.")
    .option(
      "-o, --output <file:string>",
      "Where to write it; never overwritten. [default: keystore/<address>.json in the home folder]",
    )
    .option(
      "--passphrase-file <file:string>",
      `Read the passphrase from this file. [default: ${KEYSTORE_PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .option("--from-environment", "Encrypt the key in PRIVATE_KEY instead of making a new one.")
    .example("Make one", "pot keys new --output signer.json")
    .action(async (options: NewOptions) => {
      const { home } = await loadConfig(context, options);
      const privateKey = options.fromEnvironment === true ? givenKey(context) : undefined;
      const output = options.output === undefined ? undefined : resolve(context.folder, options.output);
      const [{ newKeystore }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/new_keystore.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const passphrase = await readPassphrase(context, {
        file: options.passphraseFile,
        isNew: true,
        variable: KEYSTORE_PASSPHRASE_VARIABLE,
      });
      const { address, file } = await whileWaiting(
        context,
        { label: "encrypting, and reading it back" },
        () =>
          newKeystore(home, {
            files: denoFiles,
            passphrase,
            ...(privateKey === undefined ? {} : { privateKey }),
            ...(output === undefined ? {} : { output }),
          }),
      );
      const shown = shorter(context.folder, file);
      report(context, options, {
        json: { address, file },
        lines: [
          `wrote ${shown}`,
          `  account   ${address}`,
          `  use it    POT_KEYSTORE=${shown}, or "keystore" in pot.jsonc; its passphrase in ${KEYSTORE_PASSPHRASE_VARIABLE}`,
          "  keep a copy of file and passphrase apart: without either the account is lost",
        ],
        next: ["pot contract deploy --dry-run"],
      });
    });
}

function givenKey({ env }: CliContext): string {
  const key = env["PRIVATE_KEY"] ?? "";
  if (PRIVATE_KEY.test(key)) return key;
  throw new UsageError("Cannot encrypt the key as PRIVATE_KEY holds none", {
    hint: "set PRIVATE_KEY to the account's key (64 hex characters), or leave --from-environment out",
  });
}

function shorter(folder: string, file: string): string {
  const inside = relative(folder, file);
  return inside.startsWith("..") ? file : inside;
}

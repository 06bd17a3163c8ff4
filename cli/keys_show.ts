import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import type { Config } from "../lib/runtime/config.ts";
import type { RetiredKey } from "../lib/runtime/key_rotation_file.ts";
import { KEYSTORE_PASSPHRASE_VARIABLE } from "./keystore_passphrase.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface ShowOptions extends GlobalOptions {
  unlock?: boolean | undefined;
  passphraseFile?: string;
  privateKey?: boolean | undefined;
  yesShowThePrivateKey?: boolean | undefined;
}

/** `pot keys show`. */
export function keysShowCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Show which account signs; its key only if asked twice. An encrypted file is not opened unless asked.",
    )
    .arguments("[file:string]")
    .option("--unlock", "Open the file with its passphrase, to see that it does open.")
    .option(
      "--passphrase-file <file:string>",
      `Read the passphrase from this file. [default: ${KEYSTORE_PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .option("--private-key", "Print the private key, and nothing else, on standard output.")
    .option("--yes-show-the-private-key", "Where nobody can be asked: yes, really.")
    .example("The configured one", "pot keys show")
    .example("A file", "pot keys show signer.json --unlock")
    .action(async (options: ShowOptions, file?: string) => {
      const flags = file === undefined ? {} : { keystore: resolve(context.folder, file) };
      const config = await withPassphrase(context, options, await loadConfig(context, options, flags));
      if (options.privateKey === true) return await reveal(context, options, config);
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
      const retired = address === undefined ? undefined : await findRetirement(config, address);
      report(context, options, {
        json: {
          ...(address === undefined ? {} : { address }),
          source,
          isUnlocked,
          ...(retired && { retiredAt: retired.retiredAt, successor: retired.successor.address }),
        },
        lines: [
          address ?? "the file does not name its account; --unlock finds out",
          `  from      ${source}${isUnlocked ? ", which opens" : ""}`,
          ...(retired === undefined
            ? []
            : [`  retired   ${retired.retiredAt}, ${retired.successor.address} signs in its place`]),
        ],
      });
    });
}

/** Whether that account was retired here, and for which. */
async function findRetirement({ home }: Config, address: string): Promise<RetiredKey | undefined> {
  const [{ readKeyRotations }, { denoFiles }] = await Promise.all([
    import("../lib/runtime/key_rotation_file.ts"),
    import("../lib/io/deno_files.ts"),
  ]);
  return (await readKeyRotations(home, denoFiles)).retired.find((key) => key.address === address);
}

async function withPassphrase(
  context: CliContext,
  { passphraseFile: file }: ShowOptions,
  config: Config,
): Promise<Config> {
  if (file === undefined) return config;
  const { readPassphrase } = await import("./read_passphrase.ts");
  const passphrase = await readPassphrase(context, { file, isNew: false });
  context.redactor.learn([passphrase]);
  return { ...config, keys: { ...config.keys, passphrase } };
}

/** Prints the private key to whoever asked twice: by the flag, and by typing or a second flag. */
async function reveal(context: CliContext, options: ShowOptions, config: Config): Promise<void> {
  const [{ revealKey }, { showKey }, { toJson }] = await Promise.all([
    import("../lib/runtime/reveal_key.ts"),
    import("../lib/runtime/show_key.ts"),
    import("./output.ts"),
  ]);
  const account = (await showKey(config, { unlock: false, signal: context.signal }))?.address;
  await confirmReveal(context, { isConfirmed: options.yesShowThePrivateKey === true, account });
  const { address, privateKey } = await whileWaiting(context, { label: "opening" }, () => revealKey(config));
  context.reveal(options.json ? `${toJson({ address, privateKey })}\n` : `${privateKey}\n`);
}

async function confirmReveal(
  { askSecret }: CliContext,
  { isConfirmed, account }: { readonly isConfirmed: boolean; readonly account: string | undefined },
): Promise<void> {
  if (isConfirmed) return;
  const wanted = account?.slice(-4) ?? "show";
  const what = account === undefined ? 'Type "show"' : `Type the last four characters of ${account}`;
  const answer = await askSecret?.(`${what} to see its private key (not shown as you type)`);
  if (answer?.toLowerCase() === wanted.toLowerCase()) return;
  throw new UsageError(
    answer === undefined
      ? "Cannot show the private key as nobody confirmed it"
      : "Cannot show the private key as the answer is another one",
    { hint: "whoever sees it can spend and sign; at no terminal, add --yes-show-the-private-key" },
  );
}

/** A named file may be another account's than the configured one. */
function ofAnyAccount({ signing, ...config }: Config): Config {
  if (signing === undefined) return config;
  const { address: _configured, ...source } = signing;
  return { ...config, signing: source };
}

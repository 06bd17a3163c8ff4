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

interface ImportOptions extends GlobalOptions {
  fromFile?: string;
  fromEnvironment?: string;
  output?: string;
  passphraseFile?: string;
  sourcePassphraseFile?: string;
}

/** Where the passphrase of a keystore that is imported may stand in the environment; with `_FILE` the file that holds it. */
const SOURCE_PASSPHRASE_VARIABLE = "POT_SOURCE_KEYSTORE_PASSPHRASE";

/** A key, and who still has it. */
interface FoundKey {
  readonly privateKey: string;
  /** What is to be done about the source, in words. */
  readonly leftBehind: string | undefined;
}

/** `pot keys import`. */
export function keysImportCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Encrypt a key that exists already: typed in, from a file (the key itself, or a keystore), or from the environment.",
    )
    .option("--from-file <file:string>", "A file with the key as its one line, or another keystore.")
    .option("--from-environment <variable:string>", "The name of an environment variable that holds the key.")
    .option(
      "-o, --output <file:string>",
      "Where to write it; never overwritten. [default: keystore/<address>.json in the home folder]",
    )
    .option(
      "--passphrase-file <file:string>",
      `Of the new file. [default: ${KEYSTORE_PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .option(
      "--source-passphrase-file <file:string>",
      `Of a keystore that is imported. [default: ${SOURCE_PASSPHRASE_VARIABLE} (or …_FILE), else asked for]`,
    )
    .example("Typed in", "pot keys import --output signer.json")
    .example("Another keystore", "pot keys import --from-file UTC--2026-01-31.json")
    .action(async (options: ImportOptions) => {
      const { home } = await loadConfig(context, options);
      const [{ newKeystore }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/new_keystore.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const output = options.output === undefined ? undefined : resolve(context.folder, options.output);
      const { privateKey, leftBehind } = await findKey(context, options);
      context.redactor.learn([privateKey]);
      const passphrase = await readPassphrase(context, {
        file: options.passphraseFile,
        isNew: true,
        variable: KEYSTORE_PASSPHRASE_VARIABLE,
        question: "New passphrase",
      });
      const { address, file } = await whileWaiting(
        context,
        { label: "encrypting, and reading it back" },
        () =>
          newKeystore(home, {
            files: denoFiles,
            passphrase,
            privateKey,
            ...(output === undefined ? {} : { output }),
          }),
      );
      if (leftBehind !== undefined) context.err(`${leftBehind}\n`);
      const inside = relative(context.folder, file);
      const shown = inside.startsWith("..") ? file : inside;
      report(context, options, {
        json: { address, file },
        lines: [
          `wrote ${shown}`,
          `  account   ${address}`,
          `  use it    POT_KEY_SOURCE=keystore:${shown}, or "keySource" in pot.jsonc; its passphrase in ${KEYSTORE_PASSPHRASE_VARIABLE}`,
        ],
        next: ["pot keys show", "pot keys rotate --to keystore:<file>"],
      });
    });
}

async function findKey(context: CliContext, options: ImportOptions): Promise<FoundKey> {
  const { fromFile, fromEnvironment: variable } = options;
  const { parseRawKey, readRawKeyFile } = await import("../lib/runtime/read_raw_key.ts");
  if (fromFile !== undefined && variable !== undefined) {
    throw new UsageError("Cannot import the key as --from-file and --from-environment are given together", {
      hint: "leave one of them out",
    });
  }
  if (variable !== undefined) {
    // The name of a variable, never the key itself: it would stand in the shell's history.
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(variable) || /[0-9a-f]{64}/i.test(variable)) {
      throw new UsageError("Cannot import the key as --from-environment must name a variable", {
        hint: "give its name, such as PRIVATE_KEY: what is on a command line others can read",
      });
    }
    return {
      privateKey: parseRawKey(context.env[variable] ?? "", `the variable ${variable}`),
      leftBehind:
        `${variable} still holds the key: take it out of the environment and of the files that set it`,
    };
  }
  if (fromFile !== undefined) {
    const path = resolve(context.folder, fromFile);
    const [{ denoFiles }, { tellIfReadable }] = await Promise.all([
      import("../lib/io/deno_files.ts"),
      import("./tell_if_readable.ts"),
    ]);
    await tellIfReadable(context, [path]);
    const privateKey = await readRawKeyFile(path, {
      files: denoFiles,
      readPassphrase: () =>
        readPassphrase(context, {
          file: options.sourcePassphraseFile,
          isNew: false,
          variable: SOURCE_PASSPHRASE_VARIABLE,
          question: `Passphrase of ${fromFile}`,
        }),
    });
    return {
      privateKey,
      leftBehind: `${fromFile} still holds the key: remove it once the new file is in use`,
    };
  }
  const typed = await context.askSecret?.("Private key (not shown)");
  if (typed === undefined) {
    throw new UsageError("Cannot import a key as none is given", {
      hint: "use --from-file <file> or --from-environment <variable>, or type it at a terminal",
    });
  }
  return { privateKey: parseRawKey(typed, "what was typed"), leftBehind: undefined };
}

import { join } from "node:path";
import { finishSwap } from "../backup/swap_state.ts";
import { toHex } from "../core/hex.ts";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import { createLogKey, findLogKey } from "./log_key.ts";
import { CONFIG_FILE_NAME } from "./read_config_file.ts";

/** Where an installation starts, and what its pot.jsonc says. */
export interface InitializeOptions {
  /** Where pot.jsonc is written. Absolute. */
  readonly folder: string;
  /** State folder. @default `.pot` in `folder` */
  readonly home?: string;
  /** The log's name. @default that of the key in `home`, else `pot/` and 16 random hex characters */
  readonly origin?: string;
  /** A preset's name, written into pot.jsonc. */
  readonly network?: string;
  /** Written into pot.jsonc. @default left out, so that endpoints decide */
  readonly chain?: "evm" | "local";
}

/** What was made. */
export interface Initialized {
  /** Its pot.jsonc. Absolute. */
  readonly configFile: string;
  /** The state folder. Absolute where `folder` is. */
  readonly home: string;
  /** The log's name in its checkpoints. */
  readonly origin: string;
  /** C2SP verifier key: publish it, so that others can tell this log's checkpoints. */
  readonly verifierKey: string;
}

/**
 * Starts an installation: writes pot.jsonc and the key that signs the log's checkpoints.
 *
 * @throws {UsageError} when the folder has a pot.jsonc already, or the home the key of another log; nothing is changed then.
 */
export async function initialize(
  { folder, home, origin, network, chain }: InitializeOptions,
): Promise<Initialized> {
  const configFile = join(folder, CONFIG_FILE_NAME);
  if (await denoFiles.stat(configFile) !== undefined) {
    throw new UsageError("Cannot start an installation as there is one here already", {
      facts: [`file: ${configFile}`],
      hint: "use it as it is (pot status), or choose another folder",
    });
  }
  const stateFolder = home ?? join(folder, ".pot");
  await finishSwap(stateFolder, { files: denoFiles });
  // Left by an init that was interrupted, or by an installation whose pot.jsonc is lost: the log goes on under its own name.
  const present = await findLogKey(stateFolder);
  if (present !== undefined && origin !== undefined && origin !== present.name) {
    throw new UsageError("Cannot start an installation as its home has the key of another log already", {
      facts: [`home: ${stateFolder}`, `log key: ${present.name}`, `asked for: ${origin}`],
      hint: "choose another home, or leave the origin out to go on with that log",
    });
  }
  const name = present?.name ?? origin ?? `pot/${toHex(crypto.getRandomValues(new Uint8Array(8)))}`;
  // The key first: a pot.jsonc without its key would be a trap, a key without a pot.jsonc is only unused.
  const verifierKey = await createLogKey(stateFolder, name);
  const text = configText({ origin: name, home, network, chain });
  await keepOutOfGit(stateFolder);
  await denoFiles.makeFolder(folder);
  await writeFileAtomically(denoFiles, configFile, new TextEncoder().encode(text));
  return { configFile, home: stateFolder, origin: name, verifierKey };
}

/** The log key is a secret and the rest is no source: a training repository must not swallow them with `git add .`. */
async function keepOutOfGit(home: string): Promise<void> {
  const path = join(home, ".gitignore");
  if (await denoFiles.stat(path) !== undefined) return;
  await writeFileAtomically(denoFiles, path, new TextEncoder().encode("*\n"));
}

interface ConfigText {
  readonly origin: string;
  readonly home: string | undefined;
  readonly network: string | undefined;
  readonly chain: "evm" | "local" | undefined;
}

function configText({ origin, home, network, chain }: ConfigText): string {
  const given = (key: string, value: string | undefined, sample: string) =>
    value === undefined
      ? `  // ${JSON.stringify(key)}: ${sample},`
      : `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`;
  return `{
  // The log's name in every checkpoint it signs. Never change it.
  "origin": ${JSON.stringify(origin)},

  // Where all state is kept; beside this file unless absolute.
${given("home", home, '".pot"')}

  // "evm" anchors on a chain; "local" keeps heads in a local ledger, which is no chain.
  // Without this line: "evm" where endpoints are given (here or in RPC_URL), else "local".
  // The key that pays never stands here: keySource says where it is, such as "keystore:FILE" (pot keys new makes one).
${given("chain", chain, '"evm"')}
${given("network", network, '"polygon"')}
  // https:// endpoints in order of preference. Keep URLs with keys in RPC_URL or POT_RPC_URLS instead.
  // "rpcUrls": ["https://rpc.example.org"],
  // "contract": "0x0000000000000000000000000000000000000000",

  // "local": keep heads in the local ledger while no endpoint answers; the next anchor on the chain covers them.
  // "fallback": "none",
  // "each" also stores every record's hash on the chain, one transaction a record.
  // "anchoring": "batched",

  // Blocks an anchor must be deep to count as confirmed, and the most a unit of gas may cost.
  // "confirmations": 12,
  // "maxFeeGwei": 200
}
`;
}

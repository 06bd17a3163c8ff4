import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { StoredHash } from "../lib/chain/chain_client.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { showGroupHelp } from "./show_group_help.ts";
import { whileWaiting } from "./while_waiting.ts";
import { withChain } from "./with_runtime.ts";

/** `pot chain`. */
export function chainCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Store, get and verify single hashes by hand, past the log.")
    .example("Read what is stored", "pot chain get 1")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("store", storeCommand(context))
    .command("get", getCommand(context))
    .command("verify", verifyHashCommand(context))
    .reset();
}

interface StoreOptions extends GlobalOptions {
  metadata?: string;
}

function storeCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Store a hash with metadata; prints its transaction id.")
    .arguments("<hash:string>")
    .option("--metadata <text:string>", "At most 2048 bytes, often JSON. Public on a chain.")
    .example("Store", `pot chain store ${"ab".repeat(32)} --metadata '{"model":"m-1"}'`)
    .action(async (options: StoreOptions, hash: string) => {
      requireHash(hash);
      await withChain(context, options, async (chain) => {
        const { signal } = context;
        const stored = await whileWaiting(
          context,
          { label: "waiting for the chain" },
          () => chain.storeHash(hash, options.metadata ?? "", { signal }),
        );
        report(context, options, {
          json: { chainId: chain.chainId, ...stored },
          lines: [`stored as ${stored.transactionId} on ${chain.chainId}`, ...storedLines(stored)],
          next: [`pot chain verify ${hash} ${stored.transactionId}`],
        });
      });
    });
}

function getCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Get what was stored under a transaction id. Exit code 1 when there is nothing.")
    .arguments("<transactionId:string>")
    .example("Get", "pot chain get 1")
    .action(async (options: GlobalOptions, transactionId: string) => {
      requireTransactionId(transactionId);
      await withChain(context, options, async (chain) => {
        const stored = await chain.retrieveHash(transactionId, { signal: context.signal });
        if (stored === undefined) context.exitWith(1);
        report(context, options, {
          json: { chainId: chain.chainId, exists: stored !== undefined, ...stored },
          lines: stored === undefined
            ? [`nothing is stored under ${transactionId} on ${chain.chainId}`]
            : [`${transactionId} on ${chain.chainId}`, ...storedLines(stored)],
        });
      });
    });
}

function verifyHashCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Whether exactly this hash is stored under a transaction id. Exit code 1 when it is not.")
    .arguments("<hash:string> <transactionId:string>")
    .example("Verify", `pot chain verify ${"ab".repeat(32)} 1`)
    .action(async (options: GlobalOptions, hash: string, transactionId: string) => {
      requireHash(hash);
      requireTransactionId(transactionId);
      await withChain(context, options, async (chain) => {
        const matches = await chain.verifyHash(hash, transactionId, { signal: context.signal });
        if (!matches) context.exitWith(1);
        report(context, options, {
          json: { chainId: chain.chainId, transactionId, hash, matches },
          lines: [
            `${matches ? "yes" : "no"}: ${transactionId} on ${chain.chainId} ${
              matches ? "is" : "is not"
            } this hash`,
          ],
        });
      });
    });
}

function requireHash(hash: string): void {
  if (/^[0-9a-f]{64}$/.test(hash)) return;
  throw new UsageError("Cannot use the hash as it must be 64 lowercase hex characters", {
    facts: [`hash: ${JSON.stringify(hash.slice(0, 80))}`],
    hint: "sha256sum <file> prints one",
  });
}

/** A contract's id is a number, the local ledger's a UUID: what is neither was never given out. */
function requireTransactionId(text: string): void {
  if (/^[0-9]+$/.test(text) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return;
  throw new UsageError("Cannot look the transaction id up as it is none", {
    facts: [`id: ${JSON.stringify(text.slice(0, 80))}`],
    hint: "a contract's is a number such as 1, the local ledger's a UUID; pot chain store prints it",
  });
}

function storedLines(
  { hash, metadata, timestamp, blockNumber, submitter, transactionHash, gasUsed, contract }: StoredHash,
): readonly string[] {
  return [
    `  hash      ${hash}`,
    `  metadata  ${metadata === "" ? "(none)" : metadata}`,
    `  block     ${blockNumber} of ${new Date(timestamp * 1_000).toISOString()}`,
    `  submitter ${submitter}`,
    ...(transactionHash === undefined ? [] : [`  tx        ${transactionHash}`]),
    ...(gasUsed === undefined ? [] : [`  gas       ${gasUsed}`]),
    ...(contract === undefined ? [] : [`  contract  ${contract}`]),
  ];
}

import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { MigrationResult } from "../lib/chain/migrate_contract.ts";
import type { MigrationPreview } from "../lib/runtime/migrate.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { confirmMainNetwork } from "./confirm_main_network.ts";
import { SAFE_OPTION } from "./contract_owner.ts";
import { costLines } from "./cost_lines.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { inCurrency } from "../lib/core/money.ts";
import { report } from "./output.ts";
import { parseAddress } from "./parse_address.ts";
import { safeFileLines } from "./safe_file_lines.ts";
import { whileWaiting } from "./while_waiting.ts";

interface MigrateOptions extends GlobalOptions {
  network?: string;
  dryRun?: boolean | undefined;
  yes?: boolean | undefined;
  create?: boolean | undefined;
  safe?: string;
}

/** `pot contract migrate`. */
export function contractMigrateCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Put a new contract in the place of the configured one: deploy it, and retire the old one in its favour. Its owner only.",
    )
    .arguments("[old:string]")
    .option("--network <name:string>", "The chain's preset. [default: the configured one]")
    .option(
      "--dry-run",
      "Only show what is left to do, with gas and cost. Exit code 1 when it cannot be paid.",
    )
    .option("-y, --yes", "Go on where real money is spent; without it a person at a terminal is asked.")
    .option("--create", "Take an address of this chain's own, where the deployment proxy cannot be used.")
    .option("--safe <file:string>", SAFE_OPTION)
    .example("See first", "pot contract migrate --dry-run")
    .example("Migrate", "pot contract migrate")
    .action(async (options: MigrateOptions, old?: string) => {
      const { network, safe } = options;
      const contract = old === undefined ? undefined : await parseAddress(old, "the contract");
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
      });
      const { migrate, previewMigration, writeMigrationFile } = await import("../lib/runtime/migrate.ts");
      const { isMainNetwork, requireEvm } = await import("../lib/runtime/deploy.ts");
      const choice = {
        signal: context.signal,
        ...(contract === undefined ? {} : { contract }),
        ...(options.create === true ? { method: "create" as const } : {}),
      };
      if (safe !== undefined) {
        const file = resolve(context.folder, safe);
        const { written, ...migration } = await writeMigrationFile(config, { ...choice, file });
        report(context, options, {
          json: { ...migration, isDone: written === undefined, ...written },
          lines: written === undefined
            ? [`nothing to sign: ${migration.old} is retired in favour of ${migration.successor} already`]
            : safeFileLines(written, safe),
          next: ["pot contract migrate, once the Safe has executed it"],
        });
        return;
      }
      const isDryRun = options.dryRun === true;
      if (isDryRun || isMainNetwork(requireEvm(config))) {
        const preview = await whileWaiting(
          context,
          { label: "estimating" },
          () => previewMigration(config, choice),
        );
        if (isDryRun) {
          showPreview(context, options, preview);
          return;
        }
        if (!preview.isRetired) {
          await confirmMainNetwork(context, {
            action: "migrate the contract",
            chain: network ?? `chain ${preview.chainId}`,
            isConfirmed: options.yes === true,
            lines: previewLines(preview),
          });
        }
      }
      const result = await whileWaiting(context, { label: "migrating" }, () => migrate(config, choice));
      const configured = config.evm?.contract;
      report(context, options, {
        json: { ...result, ...(configured === undefined ? {} : { configured }) },
        lines: resultLines(result, configured),
        next: ["pot contract check", "pot contract verify-source", "pot anchor"],
      });
    });
}

function showPreview(context: CliContext, options: GlobalOptions, preview: MigrationPreview): void {
  const { old, plan, successor, isDeployed, isRetired, isFirstRelease, chainId, estimate } = preview;
  const isPossible = estimate.deployment?.obstacle === undefined &&
    estimate.balanceWei >= estimate.maxCostWei;
  if (!isPossible) context.exitWith(1);
  report(context, options, {
    json: {
      chainId,
      old: old.contract,
      owner: old.owner,
      ...(successor === undefined ? {} : { successor }),
      method: plan.method,
      isDeployed,
      isRetired,
      isFirstRelease,
      estimate,
      isPossible,
    },
    lines: [...previewLines(preview), "nothing was sent"],
    next: ["pot contract migrate"],
  });
}

function previewLines(preview: MigrationPreview): readonly string[] {
  const { old, successor, isDeployed, isRetired, isFirstRelease, estimate, currency } = preview;
  const { deployment, retirement, balanceWei, maxCostWei } = estimate;
  const where = successor ?? "an address of its own";
  const lacksWei = maxCostWei - balanceWei;
  return [
    `${isRetired ? "has put" : "would put"} ${where} in the place of ${old.contract}`,
    `  1. deploy ${isDeployed ? "done" : `the successor, owned by ${old.owner}`}`,
    `  2. ${isFirstRelease ? "pause " : "retire"} ${
      isRetired ? "done" : `the old one${isFirstRelease ? "; it cannot name its successor" : ", for good"}`
    }`,
    "  3. write  deployments/<chainId>.json",
    ...costLines(
      [...(deployment?.steps ?? []), ...(retirement === undefined ? [] : [retirement])],
      currency,
    ),
    ...(isRetired ? [] : [`  balance   ${inCurrency(balanceWei, currency)} of ${old.owner}`]),
    ...(lacksWei <= 0n
      ? []
      : [`  fund it   send at least ${inCurrency(lacksWei, currency)} to ${old.owner}`]),
    ...(deployment?.obstacle === undefined ? [] : [`  obstacle  ${deployment.obstacle}: use --create`]),
  ];
}

function resultLines(
  { old, deployment, path, keptPath, isNew, isFirstRelease }: MigrationResult,
  configured: string | undefined,
): readonly string[] {
  const { contractAddress, transactionHash, gasUsed } = deployment;
  return [
    `${isNew ? "" : "nothing to do: "}${contractAddress} has taken the place of ${old}`,
    ...(transactionHash === undefined ? [] : [`  tx        ${transactionHash}`]),
    ...(gasUsed === undefined ? [] : [`  gas       ${gasUsed}`]),
    `  file      ${path}`,
    ...(keptPath === undefined ? [] : [`  kept      ${keptPath}`]),
    ...(isFirstRelease
      ? ["  the old contract is paused and cannot name its successor: tell its other users"]
      : []),
    ...(configured === undefined || configured.toLowerCase() === contractAddress.toLowerCase() ? [] : [
      `  configure CONTRACT_ADDRESS (or contract in pot.jsonc) still says ${configured}: set it to ${contractAddress}`,
    ]),
  ];
}

import { Command } from "@cliffy/command";
import type { DeployResult } from "../lib/chain/deploy_contract.ts";
import type { Config } from "../lib/runtime/config.ts";
import type { DeployPreview } from "../lib/runtime/deploy.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { confirmMainNetwork } from "./confirm_main_network.ts";
import { costLines } from "./cost_lines.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { inCurrency } from "../lib/core/money.ts";
import { report } from "./output.ts";
import { parseAddress } from "./parse_address.ts";
import { whileWaiting } from "./while_waiting.ts";

interface DeployOptions extends GlobalOptions {
  network?: string;
  owner?: string;
  create?: boolean | undefined;
  dryRun?: boolean | undefined;
  yes?: boolean | undefined;
  force?: boolean | undefined;
}

/** `pot contract deploy`. */
export function contractDeployCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Deploy the contract to the configured chain, once, under the same address as on every other; writes deployments/<chainId>.json.",
    )
    .option(
      "--network <name:string>",
      "The chain's preset, such as polygon or sepolia. [default: the configured one]",
    )
    .option("--owner <address:string>", "Who may pause and hand over. [default: the deploying account]")
    .option("--dry-run", "Only show address, gas and cost. Exit code 1 when the account cannot pay.")
    .option("-y, --yes", "Go on where real money is spent; without it a person at a terminal is asked.")
    .option("--create", "Take an address of this chain's own, where the deployment proxy cannot be used.")
    .option("--force", "Deploy once more although a contract is there.")
    .example("See first", "pot contract deploy --network sepolia --dry-run")
    .example("Deploy", "pot contract deploy --network sepolia")
    .action(async (options: DeployOptions) => {
      const { network } = options;
      const owner = options.owner === undefined ? undefined : await parseAddress(options.owner, "--owner");
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
      });
      const { deploy, isMainNetwork, previewDeployment, requireEvm } = await import(
        "../lib/runtime/deploy.ts"
      );
      const choice = {
        signal: context.signal,
        ...(owner === undefined ? {} : { owner }),
        ...(options.create === true ? { method: "create" as const } : {}),
        ...(options.force === true ? { force: true } : {}),
      };
      const isDryRun = options.dryRun === true;
      if (isDryRun || isMainNetwork(requireEvm(config))) {
        const preview = await whileWaiting(
          context,
          { label: "estimating" },
          () => previewDeployment(config, choice),
        );
        if (isDryRun) {
          showPreview(context, options, preview);
          return;
        }
        if (!preview.isThere) {
          await confirmMainNetwork(context, {
            action: "deploy the contract",
            chain: chainName(preview),
            isConfirmed: options.yes === true,
            lines: previewLines(preview),
          });
        }
      }
      const result = await whileWaiting(context, { label: "deploying" }, () => deploy(config, choice));
      await announce(context, config, result);
      report(context, options, {
        json: result,
        lines: deployLines(result),
        next: ["pot contract check", "pot contract verify-source", "pot test --blockchain"],
      });
    });
}

/** Best effort: what was deployed is deployed, whoever hears of it. */
async function announce(context: CliContext, config: Config, result: DeployResult): Promise<void> {
  if (config.alerting?.pagerduty === undefined || !result.isNew) return;
  const [{ announceDeployment }, { systemClock: clock }] = await Promise.all([
    import("../lib/runtime/announce_deployment.ts"),
    import("../lib/runtime/system_clock.ts"),
  ]);
  const { signal } = context;
  const problem = await announceDeployment(config, result, { clock, signal }).then(
    (delivery) => delivery === undefined || delivery.outcome === "accepted" ? undefined : delivery.reason,
    (error: unknown) => error instanceof Error ? error.message : String(error),
  );
  if (problem !== undefined) context.err(`PagerDuty was not told of the deployment: ${problem}\n`);
}

function showPreview(context: CliContext, options: GlobalOptions, preview: DeployPreview): void {
  const { isThere, missingWei = 0n, estimate } = preview;
  const isPossible = isThere || missingWei === 0n && estimate?.obstacle === undefined;
  if (!isPossible) context.exitWith(1);
  report(context, options, {
    json: { ...preview, isPossible },
    lines: [...previewLines(preview), "nothing was sent"],
    next: isThere ? [] : ["pot contract deploy"],
  });
}

function chainName({ network, chainId }: DeployPreview): string {
  return network ?? `chain ${chainId}`;
}

function previewLines(preview: DeployPreview): readonly string[] {
  const { address, isThere, owner, estimate, missingWei = 0n, currency, faucets, tryFirst } = preview;
  const where = address ?? "an address of its own";
  if (isThere) return [`nothing to do: ${where} is on ${chainName(preview)} already`];
  return [
    `would deploy to ${where} on ${chainName(preview)}`,
    ...(owner === undefined ? [] : [`  owner     ${owner}`]),
    ...(estimate === undefined ? ["  no key is configured, so nobody's balance was looked at"] : [
      ...costLines(estimate.steps, currency),
      `  balance   ${inCurrency(estimate.balanceWei, currency)} of ${estimate.address}`,
      ...(missingWei === 0n ? [] : [
        `  fund it   send at least ${inCurrency(missingWei, currency)} to ${estimate.address}`,
        ...faucets.map((faucet) => `  faucet    ${faucet}`),
      ]),
      ...(estimate.obstacle === undefined ? [] : [`  obstacle  ${estimate.obstacle}: use --create`]),
    ]),
    ...(tryFirst === undefined || tryFirst.isDone ? [] : [
      `  advice    try it on ${tryFirst.network} first: pot contract deploy --network ${tryFirst.network}`,
    ]),
  ];
}

/** What a deployment did, as a person reads it. */
export function deployLines({ deployment, path, isNew, replaced }: DeployResult): readonly string[] {
  const { contractAddress, chainId, transactionHash, blockNumber, gasUsed } = deployment;
  return [
    isNew
      ? `deployed ${contractAddress} on chain ${chainId}`
      : `nothing to do: ${contractAddress} is on chain ${chainId} already (--force deploys another)`,
    ...(transactionHash === undefined ? [] : [`  tx        ${transactionHash}`]),
    ...(blockNumber === undefined ? [] : [`  block     ${blockNumber}`]),
    ...(gasUsed === undefined ? [] : [`  gas       ${gasUsed}`]),
    `  file      ${path}`,
    ...(replaced === undefined ? [] : [
      `  replaced  ${replaced.deployment.contractAddress} (${
        replaced.reason === "gone" ? "no longer on the chain" : "forced"
      }), kept in ${replaced.path}`,
    ]),
  ];
}

import { Command } from "@cliffy/command";
import type { EndpointProbe } from "../lib/chain/probe_endpoint.ts";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { inGwei } from "../lib/core/money.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

/** `pot network test`. */
export function networkTestCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Ask each configured endpoint for chain id, newest and final block and fee. Exit code 1 when one is wrong, 4 when none answers.",
    )
    .arguments("[name:string]")
    .example("The configured network", "pot network test")
    .example("Is it really Sepolia?", "pot network test sepolia")
    .action(async (options: GlobalOptions, name?: string) => {
      const flags = name === undefined ? {} : { network: name };
      const { evm } = await loadConfig(context, options, flags);
      if (evm === undefined) {
        throw new UsageError("Cannot test the network as no endpoint is configured", {
          hint: "set RPC_URL (or POT_RPC_URLS) and CHAIN_ID or POT_NETWORK",
        });
      }
      const [{ probeEndpoint }, { systemClock: clock }] = await Promise.all([
        import("../lib/chain/probe_endpoint.ts"),
        import("../lib/runtime/system_clock.ts"),
      ]);
      const { chainId, network, rpcUrls } = evm;
      const { signal } = context;
      const probes = await whileWaiting(
        context,
        { label: "asking the endpoints" },
        () => Promise.all(rpcUrls.map((url) => probeEndpoint(url, { clock, signal }))),
      );
      const endpoints = probes.map((probe) => ({
        ...probe,
        ok: probe.failure === undefined && probe.chainId === BigInt(chainId),
      }));
      if (endpoints.every(({ chainId }) => chainId === undefined)) context.exitWith(4);
      else if (!endpoints.every(({ ok }) => ok)) context.exitWith(1);
      report(context, options, {
        json: { chainId, ...(network === undefined ? {} : { network: network.name }), endpoints },
        lines: [
          `${network?.name ?? "a chain without a preset"}, chain id ${chainId}`,
          ...endpoints.flatMap((probe) => endpointLines(probe, chainId)),
        ],
      });
    });
}

function endpointLines(probe: EndpointProbe, expected: number): readonly string[] {
  const { endpoint, failure, chainId, headNumber, finalizedNumber, baseFeePerGasWei, suggestedFeeWei } =
    probe;
  if (chainId !== undefined && chainId !== BigInt(expected)) {
    return [`✗ ${endpoint}`, `  serves chain id ${chainId}, not ${expected}`];
  }
  if (failure !== undefined) return [`✗ ${endpoint}`, `  ${failure}`];
  const fee = baseFeePerGasWei === undefined
    ? `${inGwei(suggestedFeeWei ?? 0n)} gwei a unit of gas`
    : `${inGwei(baseFeePerGasWei)} gwei a unit of gas, and a tip of ${inGwei(suggestedFeeWei ?? 0n)}`;
  return [
    `✓ ${endpoint}`,
    `  newest    block ${headNumber}, ${probe.headAgeSeconds} s old`,
    `  final     ${finalizedNumber === undefined ? "it knows no such tag" : `block ${finalizedNumber}`}`,
    `  fee       ${fee}`,
    `  answers   in ${Math.round(probe.latencyMs ?? 0)} ms`,
  ];
}

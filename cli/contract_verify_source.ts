import { Command, EnumType } from "@cliffy/command";
import type { ServiceOutcome, SourceServiceName } from "../lib/runtime/verify_source.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { parseAddress } from "./parse_address.ts";
import { whileWaiting } from "./while_waiting.ts";

interface VerifySourceOptions extends GlobalOptions {
  network?: string;
  service?: string[];
}

/** `pot contract verify-source`. */
export function contractVerifySourceCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Publish the contract's source on Sourcify, and on Etherscan where ETHERSCAN_API_KEY is set, which compile and compare it.",
    )
    .type("service", new EnumType(["sourcify", "etherscan"]))
    .arguments("[address:string]")
    .option("--network <name:string>", "The chain's preset. [default: the configured one]")
    .option("--service <name:service>", "Only this one; may be repeated.", { collect: true })
    .example("Publish", "pot contract verify-source")
    .action(async (options: VerifySourceOptions, address?: string) => {
      const { network, service } = options;
      const contract = address === undefined ? undefined : await parseAddress(address, "the address");
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
        ...(contract === undefined ? {} : { contract }),
      });
      const { verifySource } = await import("../lib/runtime/verify_source.ts");
      const result = await whileWaiting(
        context,
        { label: "waiting for the services to compile" },
        () =>
          verifySource(config, {
            signal: context.signal,
            ...(service === undefined ? {} : { services: service as SourceServiceName[] }),
          }),
      );
      const bad = result.outcomes.filter(({ status }) => status === "refused" || status === "failed");
      if (bad.length > 0) context.exitWith(bad.every(({ isUnreachable }) => isUnreachable) ? 4 : 1);
      report(context, options, {
        json: { ...result, ok: bad.length === 0 },
        lines: [`${result.contract} on chain ${result.chainId}`, ...result.outcomes.map(outcomeLine)],
      });
    });
}

const WORDS: Readonly<Record<ServiceOutcome["status"], string>> = {
  verified: "✓ verified",
  already: "✓ verified before",
  refused: "✗ refused",
  failed: "✗ not published",
};

function outcomeLine({ service, status, detail }: ServiceOutcome): string {
  return `  ${service.padEnd(9)} ${WORDS[status]} (${detail})`;
}

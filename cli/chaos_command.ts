import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface ChaosOptions extends GlobalOptions {
  seed: number;
  submissions: number;
}

/** `pot chaos`. */
export function chaosCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Drive the transaction sender through faults, reorganisations, fee spikes and kills on a local Anvil, and check that nothing is lost or doubled.",
    )
    .option("--seed <number:integer>", "The same seed meets the same troubles.", { default: 1 })
    .option("--submissions <number:integer>", "Hashes to store.", { default: 40 })
    .example("One seed", "pot chaos --seed 7")
    .action(async ({ seed, submissions, ...options }: ChaosOptions) => {
      const { runChaos } = await import("./chaos/run_chaos.ts");
      const { signal } = context;
      const result = await whileWaiting(
        context,
        { label: `chaos with seed ${seed}` },
        () => runChaos({ seed, submissions, signal }),
      );
      const { kills, transactions, replacements, reorganisations, troubles, violations, history } = result;
      if (violations.length > 0) context.exitWith(1);
      report(context, options, {
        json: result,
        lines: [
          `seed ${seed}: ${count(submissions, "submission")} stored by ${
            count(transactions, "transaction")
          }, ${count(replacements, "replacement")}, ${count(kills, "kill")}, ${
            count(reorganisations, "reorganisation")
          } of ours`,
          ...Object.entries(troubles).map(([name, times]) => `  ${name}: ${times}`),
          ...(violations.length === 0
            ? ["every hash is stored exactly once, no nonce is missing, nothing final changed"]
            : [...violations.map((violation) => `WRONG: ${violation}`), ...history]),
        ],
      });
    });
}

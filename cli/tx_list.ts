import { Command } from "@cliffy/command";
import { utcDay } from "../lib/core/budget.ts";
import { inCurrency } from "../lib/core/money.ts";
import type { JournalEntry } from "../lib/chain/journal_entry.ts";
import type { JournalView } from "../lib/chain/read_journal.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot tx list`. */
export function txListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the transactions that are not final, what was settled last, and what all of them cost.",
    )
    .example("What is under way", "pot tx list")
    .action(async (options: GlobalOptions) => {
      const config = await loadConfig(context, options);
      const [{ openJournalView }, { emptyJournal }, { requireEvm }] = await Promise.all([
        import("../lib/runtime/open_journal_view.ts"),
        import("../lib/chain/read_journal.ts"),
        import("../lib/runtime/deploy.ts"),
      ]);
      const { address, view: found } = await openJournalView(config);
      const { chainId, network } = requireEvm(config);
      const view = found ?? emptyJournal(chainId);
      const day = utcDay(Date.now());
      const amount = (wei: bigint) => `${inCurrency(wei, network?.currency ?? "ETH")} (${wei} wei)`;
      report(context, options, {
        json: toJson(address, view, day),
        lines: [
          `account  ${address}`,
          ...view.live.map(entryLine),
          ...view.settled.slice(-10).map(({ nonce, state, key }) => `nonce ${nonce}  ${state}  ${key}`),
          ...(found === undefined
            ? [`it has sent nothing on chain ${chainId}`]
            : summaryLines(view, { day, amount })),
        ],
        ...(view.live.length > 0 && { next: ["pot tx speed-up <nonce>", "pot tx cancel <nonce>"] }),
      });
    });
}

function entryLine({ nonce, state, purpose, forms, signedAtMs }: JournalEntry): string {
  const since = new Date(signedAtMs).toISOString();
  const replaced = forms.length > 1 ? `, ${count(forms.length - 1, "replacement")}` : "";
  return `nonce ${nonce}  ${state}  ${purpose}, signed ${since}${replaced}  ${forms.at(-1)!.hash}`;
}

function summaryLines(
  { metrics, spentOn }: JournalView,
  { day, amount }: { readonly day: string; readonly amount: (wei: bigint) => string },
): readonly string[] {
  const { signed, successRatio, replacements, reorganisations, timeToMine, oldestPendingAtMs } = metrics;
  const spent = spentOn(day);
  const wei = [...metrics.costs].map(([purpose, cost]) => {
    const each = cost.records === 0 ? "" : `, ${amount(cost.wei / BigInt(cost.records))} a record`;
    return `${purpose}: ${amount(cost.wei)} for ${count(cost.transactions, "transaction")}${each}`;
  });
  return [
    `${count(signed, "transaction")} signed, ${count(replacements, "replacement")}, ${
      count(reorganisations, "reorganisation")
    }`,
    ...(successRatio === undefined
      ? []
      : [`of those settled, ${(successRatio * 100).toFixed(1)} % had their effect`]),
    ...(timeToMine.count === 0
      ? []
      : [`mined after ${(timeToMine.sumSeconds / timeToMine.count).toFixed(1)} s on average`]),
    ...(oldestPendingAtMs === undefined
      ? []
      : [`the oldest pending one was signed ${new Date(oldestPendingAtMs).toISOString()}`]),
    `today (UTC): ${count(spent.day.transactions, "transaction")}, up to ${
      amount(spent.day.wei)
    }; this month: up to ${amount(spent.month.wei)}`,
    ...wei,
  ];
}

/** As it is, with wei and block numbers as decimal strings and no signed bytes: those are money. */
function toJson(
  address: string,
  { live, settled, events, metrics, spentOn }: JournalView,
  day: string,
): unknown {
  const hidden = live.map(({ forms, ...entry }) => ({
    ...entry,
    forms: forms.map(({ raw: _raw, ...form }) => form),
  }));
  const costs = Object.fromEntries(metrics.costs);
  return {
    address,
    live: hidden,
    settled,
    events,
    metrics: { ...metrics, costs },
    spent: { date: day, ...spentOn(day) },
  };
}

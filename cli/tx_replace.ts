import { Command } from "@cliffy/command";
import { PotError } from "../lib/core/errors.ts";
import type { JournalView } from "../lib/chain/read_journal.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

const WORDS = {
  "speed-up": {
    description: "Sign a waiting transaction once more, for at least 12.5 % more fees, under the caps.",
    example: "Pay more for nonce 17",
    done: "offers more fees now",
  },
  cancel: {
    description:
      "Let a transaction that does nothing take a waiting one's nonce; whichever is mined first counts.",
    example: "Take nonce 17 back",
    done: "is to be replaced by one that does nothing",
  },
} as const;

/** `pot tx speed-up` and `pot tx cancel`. */
export function txReplaceCommand(context: CliContext, kind: "speed-up" | "cancel"): AnyCommand {
  const { description, example, done } = WORDS[kind];
  return new Command<GlobalOptions>()
    .description(description)
    .arguments("<transaction:string>")
    .example(example, `pot tx ${kind} 17`)
    .action(async (options: GlobalOptions, transaction: string) => {
      const config = await loadConfig(context, options);
      const [{ openJournalView }, { openEndpoints, openSender }, { requireEvm }] = await Promise.all([
        import("../lib/runtime/open_journal_view.ts"),
        import("../lib/runtime/open_sender.ts"),
        import("../lib/runtime/deploy.ts"),
      ]);
      const evm = requireEvm(config);
      const key = findKey((await openJournalView(config)).view, transaction);
      const endpoints = openEndpoints(evm);
      await using sender = await openSender(config, { evm, endpoints, signal: context.signal });
      const { nonce, forms } = await (kind === "cancel" ? sender.cancel(key) : sender.speedUp(key));
      const { hash, fees } = forms.at(-1)!;
      report(context, options, {
        json: { key, nonce, transactionHash: hash, fees },
        lines: [`nonce ${nonce} ${done}: ${hash}`],
        next: ["pot tx list", "pot anchor"],
      });
    });
}

/** The key of the waiting transaction with that nonce, hash or key. */
function findKey(view: JournalView | undefined, wanted: string): string {
  const found = view?.live.find(({ key, nonce, forms }) =>
    key === wanted || String(nonce) === wanted || forms.some(({ hash }) => hash === wanted.toLowerCase())
  );
  if (found !== undefined) return found.key;
  throw new PotError("Cannot replace the transaction as none that is under way has this nonce, hash or key", {
    facts: [`asked for: ${wanted.slice(0, 100)}`],
    hint: "list them with: pot tx list",
  });
}

import { Command } from "@cliffy/command";
import { toHex } from "../lib/core/hex.ts";
import type { CosignedBy } from "../lib/log/ask_witness.ts";
import type { CosignOutcome } from "../lib/recorder/cosign_checkpoints.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";
import { withRuntime } from "./with_runtime.ts";

interface CosignOptions extends GlobalOptions {
  witnessKey: string[];
}

/** `pot log cosign`. */
export function logCosignCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Have a witness sign the log's checkpoints (C2SP tlog-witness): the newest, and anchored ones that it has not passed. Proofs over them carry its cosignature.",
    )
    .arguments("<witness-url:string>")
    .option(
      "--witness-key <key:string>",
      "The witness's verifier key, as its operator publishes it; may be repeated. Nothing else is taken.",
      { collect: true, required: true },
    )
    .example(
      "After anchoring",
      "pot log cosign https://witness.example/ --witness-key witness.example/w1+b240c090+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
    )
    .action(async (options: CosignOptions, url: string) => {
      const [{ parseUrlPrefix }, { parseWitnessKey }, { cosignCheckpoints }, { redactUrl }] = await Promise
        .all([
          import("../lib/core/parse_url_prefix.ts"),
          import("../lib/core/note_key.ts"),
          import("../lib/recorder/cosign_checkpoints.ts"),
          import("../lib/core/redact.ts"),
        ]);
      const keys = options.witnessKey.map(parseWitnessKey);
      const prefix = parseUrlPrefix(url, "witness");
      await withRuntime(context, options, async (runtime) => {
        const { signal } = context;
        const outcome = await whileWaiting(
          context,
          { label: "asking the witness" },
          () => cosignCheckpoints(runtime, { prefix, keys }, { signal }),
        );
        report(context, options, {
          json: { origin: runtime.log.origin, witness: redactUrl(prefix), ...shown(outcome) },
          lines: outcomeLines(outcome),
          next: ["pot log publish <folder>", "pot verify <proof> --witness-key <key>"],
        });
      });
    });
}

function shown({ cosigned, skipped }: CosignOutcome) {
  return {
    cosigned: cosigned.map(({ size, root, note, isKept, by }) => ({
      size,
      root: toHex(root),
      by: by.map(({ name, time }) => ({ name, time: timeOf(time) })),
      isKept,
      cosignatures: note.slice(note.lastIndexOf("\n\n") + 2),
    })),
    skipped,
  };
}

function outcomeLines({ cosigned, skipped }: CosignOutcome): readonly string[] {
  return [
    ...cosigned.flatMap(({ size, by, isKept }) => by.map((one) => cosignedLine(size, one, isKept))),
    ...skipped.map(({ size, because }) => `  left out  size ${size}: ${because}`),
  ];
}

function cosignedLine(size: bigint, { name, time }: CosignedBy, isKept: boolean): string {
  const fate = isKept ? "" : " (not kept: the log has grown meanwhile)";
  return `cosigned size ${size} by ${name} at ${timeOf(time)}${fate}`;
}

/** Unix seconds as RFC 3339; of a witness whose clock is far beyond that, the seconds. */
function timeOf(seconds: bigint): string {
  return seconds <= 253_402_300_799n ? new Date(Number(seconds) * 1_000).toISOString() : String(seconds);
}

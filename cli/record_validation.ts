import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { type EventOptions, parseEventOptions } from "./event_options.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot record validation`. */
export function recordValidationCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Record a validation result.")
    .option("-r, --run <id:string>", "The run: letters, digits, dot, underscore, hyphen.", { required: true })
    .option("-s, --step <n:string>", "The optimiser step that was validated.")
    .option("--epoch <n:number>", "The epoch; may be a fraction.")
    .option("--model <id:string>", "The model's name.")
    .option("-m, --metric <pair:string>", "name=value; may be repeated.", { collect: true, required: true })
    .option("-p, --parameter <pair:string>", "name=value; may be repeated.", { collect: true })
    .option("--seed <n:string>", "The random seed.")
    .option("--dataset-digest <sha256:string>", "SHA-256 of the validation data.")
    .option("--occurred-at <time:string>", "When it happened, as 2026-01-31T12:00:00.000Z.")
    .example("A result", "pot record validation --run run-1 --step 500 --metric accuracy=0.93")
    .action(async (options: EventOptions) => {
      const event = parseEventOptions("validation", options);
      await withRuntime(context, options, async ({ recorder }) => {
        const result = await recorder.record(event, { signal: context.signal });
        const { id, index, isDuplicate } = result;
        report(context, options, {
          json: { records: [result] },
          lines: [`${isDuplicate ? "already recorded" : "recorded"} ${id} (record ${index})`],
          next: ["pot anchor", `pot prove ${id}`],
        });
      });
    });
}

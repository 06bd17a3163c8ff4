import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { parseEvent } from "../lib/core/parse_event.ts";
import type { Artifact, RecordEvent } from "../lib/core/record.ts";
import type { RecordResult } from "../lib/recorder/recorder.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { digestArtifact } from "./digest_artifact.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { type EventOptions, parseEventOptions } from "./event_options.ts";
import { requireLog, withRuntime } from "./with_runtime.ts";

interface CheckpointOptions extends EventOptions {
  step: string;
  digest?: string;
}

/** `pot record checkpoint`. */
export function recordCheckpointCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Record training checkpoints: files or folders by their SHA-256, or a ready-made digest.")
    .arguments("[path...:string]")
    .option("-r, --run <id:string>", "The run: letters, digits, dot, underscore, hyphen.", { required: true })
    .option("-s, --step <n:string>", "The optimiser step.", { required: true })
    .option("--epoch <n:number>", "The epoch; may be a fraction.")
    .option("--model <id:string>", "The model's name.")
    .option("-m, --metric <pair:string>", "name=value; may be repeated.", { collect: true })
    .option("-p, --parameter <pair:string>", "name=value; may be repeated.", { collect: true })
    .option("--seed <n:string>", "The random seed.")
    .option("--dataset-digest <sha256:string>", "SHA-256 of the data set.")
    .option("--occurred-at <time:string>", "When it happened, as 2026-01-31T12:00:00.000Z.")
    .option("--digest <sha256:string>", "SHA-256 of an artifact that is not at hand, instead of a path.")
    .example("One file", "pot record checkpoint model.safetensors --run run-1 --step 500 --metric loss=0.25")
    .example("A digest", `pot record checkpoint --run run-1 --step 500 --digest ${"0".repeat(64)}`)
    .action(async (options: CheckpointOptions, ...paths: string[]) => {
      const event = parseEventOptions("checkpoint", options);
      await requireLog(context, options);
      // All of them before anything is recorded, so that a bad one leaves no trace.
      const events = (await readArtifacts(context, options, paths)).map((artifact) =>
        parseEvent({ ...event, artifact })
      );
      await withRuntime(context, options, async ({ recorder }) => {
        const results: (RecordResult & Pick<RecordEvent, "artifact">)[] = [];
        for (const each of events) {
          const result = await recorder.record(each, { signal: context.signal });
          results.push({ ...result, artifact: each.artifact! });
        }
        report(context, options, {
          json: { records: results },
          lines: results.map(({ id, index, isDuplicate, artifact }) =>
            `${isDuplicate ? "already recorded" : "recorded"} ${id} (record ${index}${
              artifact?.name === undefined ? "" : `, ${artifact.name}`
            })`
          ),
          next: ["pot anchor", `pot prove ${results[0]?.id}`],
        });
      });
    });
}

/** One artifact a path, or the one whose digest is given. */
async function readArtifacts(
  context: CliContext,
  { digest }: CheckpointOptions,
  paths: readonly string[],
): Promise<readonly Artifact[]> {
  if (digest !== undefined) {
    if (paths.length > 0) {
      throw new UsageError("Cannot record the checkpoint as both a path and --digest are given", {
        hint: "give the path alone: its digest is computed",
      });
    }
    return [{ algorithm: "sha256", digest, kind: "file", computed: false }];
  }
  if (paths.length === 0) {
    throw new UsageError("Cannot record the checkpoint as no file is given", {
      hint: "name a file or folder, or give --digest",
    });
  }
  const artifacts: Artifact[] = [];
  for (const path of paths) {
    const artifact = await digestArtifact(resolve(context.folder, path), context);
    if (artifact.sizeBytes === 0) {
      throw new UsageError("Cannot record the checkpoint as the artifact is empty", {
        facts: [`path: ${resolve(context.folder, path)}`],
        hint: "wait until the training has written it",
      });
    }
    artifacts.push(artifact);
  }
  return artifacts;
}

import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { parseEvent } from "../lib/core/parse_event.ts";
import type { Artifact, RecordEvent } from "../lib/core/record.ts";
import type { RecordResult } from "../lib/recorder/recorder.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { digestArtifacts } from "./digest_artifact.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { type EventOptions, parseEventOptions } from "./event_options.ts";
import { requireLog, withRuntime } from "./with_runtime.ts";

interface CheckpointOptions extends EventOptions {
  step: string;
  digest?: string;
  tensors?: boolean | undefined;
  format?: string;
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
    .option("--tensors", "List the tensors of safetensors files, and count the parameters.")
    .option("--format <name:string>", "The format's name; auto: by the file's first bytes.")
    .example("One file", "pot record checkpoint model.safetensors --run run-1 --step 500 --metric loss=0.25")
    .example("A digest", `pot record checkpoint --run run-1 --step 500 --digest ${"0".repeat(64)}`)
    .action(async (options: CheckpointOptions, ...paths: string[]) => {
      const event = parseEventOptions("checkpoint", options);
      await requireLog(context, options);
      // All of them before anything is recorded, so that a bad one leaves no trace.
      const artifacts = await readArtifacts(context, options, paths);
      const events = artifacts.map(({ artifact }) => parseEvent({ ...event, artifact }));
      await withRuntime(context, options, async ({ recorder, documents }) => {
        const results: (RecordResult & Pick<RecordEvent, "artifact">)[] = [];
        // Before the records that name them.
        for (const document of artifacts.flatMap((each) => each.documents)) await documents.put(document);
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

/** What a record says of an artifact, and what is kept beside it. */
interface Described {
  readonly artifact: Artifact;
  readonly documents: readonly Uint8Array[];
}

/** One artifact a path, or the one whose digest is given. */
async function readArtifacts(
  context: CliContext,
  { digest, tensors, format }: CheckpointOptions,
  paths: readonly string[],
): Promise<readonly Described[]> {
  if (digest !== undefined) {
    if (paths.length > 0) {
      throw new UsageError("Cannot record the checkpoint as both a path and --digest are given", {
        hint: "give the path alone: its digest is computed",
      });
    }
    if (tensors === true || format === "auto") {
      throw new UsageError("Cannot look into the artifact as only its --digest is given", {
        hint: "leave out --tensors and --format auto",
      });
    }
    const given = { algorithm: "sha256", digest, kind: "file", computed: false } as const;
    return [{ artifact: { ...given, ...(format !== undefined && { format }) }, documents: [] }];
  }
  if (paths.length === 0) {
    throw new UsageError("Cannot record the checkpoint as no file is given", {
      hint: "name a file or folder, or give --digest",
    });
  }
  const artifacts = await digestArtifacts(paths.map((path) => resolve(context.folder, path)), context, {
    ...(tensors !== undefined && { tensors }),
    ...(format !== undefined && { format }),
  });
  const empty = artifacts.findIndex(({ artifact }) => artifact.sizeBytes === 0);
  if (empty >= 0) {
    throw new UsageError("Cannot record the checkpoint as the artifact is empty", {
      facts: [`path: ${resolve(context.folder, paths[empty]!)}`],
      hint: "wait until the training has written it",
    });
  }
  return artifacts;
}

import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { type ManifestFile, parseManifest } from "../lib/core/manifest.ts";
import { parseRecord } from "../lib/core/parse_record.ts";
import type { Artifact } from "../lib/core/record.ts";
import { writeFileAtomically } from "../lib/io/atomic_write.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { DocumentStore } from "../lib/io/document_store.ts";
import { inTotoStatement } from "../lib/verify/in_toto_statement.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report, toJson } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

interface ExportOptions extends GlobalOptions {
  output?: string;
}

/** `pot export in-toto`. */
export function exportInTotoCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Write an in-toto statement: a record and its anchors as an attestation about the artifact's files.",
    )
    .arguments("<id:string>")
    .option("-o, --output <file:string>", "Where to write it. [default: standard output]")
    .example("To a file", `pot export in-toto ${"ab".repeat(32)} --output step-500.intoto.json`)
    .action(async (options: ExportOptions, id: string) => {
      if (!/^[0-9a-f]{64}$/.test(id)) {
        throw new UsageError("Cannot export the record as its id must be 64 lowercase hex characters", {
          facts: [`id: ${JSON.stringify(id.slice(0, 80))}`],
          hint: "pot record prints ids; pot runs <run> lists them",
        });
      }
      await withRuntime(context, options, async ({ recorder, documents }) => {
        const proof = await recorder.prove(id);
        const files = await filesOf(parseRecord(proof.record).artifact, documents);
        const statement = inTotoStatement(proof, files === undefined ? {} : { files });
        const text = `${toJson(statement)}\n`;
        if (options.output === undefined) return context.out(text);
        const file = resolve(context.folder, options.output);
        await writeStatement(file, text);
        report(context, options, {
          json: { id, file, subjectCount: statement.subject.length },
          lines: [`wrote ${options.output}`, `  subjects  ${statement.subject.length}`],
        });
      });
    });
}

/** The files of a directory, from its manifest. */
async function filesOf(
  artifact: Artifact | undefined,
  documents: DocumentStore,
): Promise<readonly ManifestFile[] | undefined> {
  if (artifact?.kind !== "directory") return undefined;
  const manifest = await documents.get(artifact.digest);
  if (manifest !== undefined) return parseManifest(manifest);
  throw new UsageError("Cannot export the record as the folder's manifest is not kept here", {
    facts: [`manifest: ${artifact.digest}`],
    hint:
      "run the same pot record checkpoint over the folder again: it keeps the manifest, and records nothing twice",
  });
}

async function writeStatement(file: string, text: string): Promise<void> {
  try {
    await writeFileAtomically(denoFiles, file, new TextEncoder().encode(text));
  } catch (cause) {
    throw new UsageError("Cannot write the statement there", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "give --output a file in a folder that exists and may be written to",
      cause,
    });
  }
}

import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { Artifact, TrainingRecord } from "../lib/core/record.ts";
import type { ReadArtifact } from "../lib/io/read_artifacts.ts";
import { BATCH_PROOF_SCHEMA } from "../lib/verify/batch_proof.ts";
import type { WitnessPolicy } from "../lib/verify/check_witnesses.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { RpcEndpoint } from "../lib/verify/rpc_endpoint.ts";
import type { VerifyOptions as VerificationOptions } from "../lib/verify/verify_proof.ts";
import { verdictExitCode } from "../lib/verify/verdict.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { pathFrom } from "./path_from.ts";
import { readAnyProofFile } from "../lib/runtime/read_proof_file.ts";
import { verdictLines } from "./verdict_lines.ts";

interface VerifyOptions extends GlobalOptions {
  artifact?: string;
  id?: string;
  manifest?: string;
  rpc?: string[];
  quorum?: number;
  offline?: boolean | undefined;
  logKey?: string[];
  logKeys?: string;
  submitter?: string;
  contract?: string;
  witnessKey?: string[];
  witnessThreshold?: number;
}

/** `pot verify`. */
export function verifyCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Check a proof file. Exit code 0: valid, 1: invalid, 3: valid but pending, 4: could not tell.",
    )
    .arguments("<proof:string>")
    .option("-a, --artifact <path:string>", "The file or folder the record is about: its digest must match.")
    .option("--id <id:string>", "Of a batch: the record that the artifact must be of. [default: any of them]")
    .option("--manifest <file:string>", "A folder's recorded manifest, to tell which of its files differ.")
    .option(
      "--rpc <url:string>",
      "Ask this endpoint about the anchor; may be repeated. [default: the configured ones]",
      {
        collect: true,
      },
    )
    .option(
      "--quorum <count:integer>",
      "So many endpoints must agree. [default: more than half of them, at least 2, for level L2]",
    )
    .option("--offline", "Ask nobody: check the file alone.")
    .option(
      "--log-key <key:string>",
      "A published verifier key of the log, good for any size; may be repeated. Without it the proof's own count.",
      { collect: true },
    )
    .option(
      "--log-keys <file:string>",
      "The log's published set of keys (pot log keys --json), each good for its sizes only.",
      { conflicts: ["log-key"] },
    )
    .option("--submitter <address:string>", "The account that must have anchored.")
    .option("--contract <address:string>", "The contract it must have anchored in.")
    .option(
      "--witness-key <key:string>",
      "A witness that must have cosigned the checkpoint, by its verifier key; may be repeated.",
      { collect: true },
    )
    .option(
      "--witness-threshold <count:integer>",
      "So many of those witnesses are enough. [default: all of them]",
    )
    .example("Check it with its file", "pot verify step-500.pot-proof.json --artifact model.safetensors")
    .example(
      "Two of three endpoints must agree",
      "pot verify step-500.pot-proof.json --quorum 2 --rpc https://a.example --rpc https://b.example --rpc https://c.example",
    )
    .example(
      "All records of a run",
      "pot verify run-1.pot-proofs.json --artifact model.safetensors",
    )
    .example("Without a network", "pot verify step-500.pot-proof.json --offline")
    .action(async (options: VerifyOptions, path: string) => {
      await checkOptions(options);
      const logKeys = await trustedLogKeys(context, options);
      const witnesses = await witnessPolicy(options);
      const file = pathFrom(context.folder, path);
      const proof = await readAnyProofFile(file);
      const { submitter, contract, quorum } = options;
      const artifact = await readArtifact(context, options);
      const verification: VerificationOptions = {
        endpoints: await findEndpoints(context, options),
        signal: context.signal,
        ...(artifact === undefined ? {} : { artifactDigest: artifact.artifact.digest }),
        ...(logKeys === undefined ? {} : { logKeys }),
        ...(quorum === undefined ? {} : { quorum }),
        ...(submitter === undefined ? {} : { submitter }),
        ...(contract === undefined ? {} : { contract }),
        ...(witnesses === undefined ? {} : { witnesses }),
      };
      if (proof.schema === BATCH_PROOF_SCHEMA) {
        const { verifyBatch } = await import("./verify_batch.ts");
        return await verifyBatch(context, options, { file, batch: proof, verification });
      }
      if (options.id !== undefined) {
        throw new UsageError("Cannot use --id as the file is the proof of one record, not a batch", {
          hint: "leave --id out",
        });
      }
      const { verifyProof } = await import("../lib/verify/verify_proof.ts");
      const verdict = await verifyProof(proof, verification);
      context.exitWith(verdictExitCode(verdict));
      const about = await describeRecord(proof);
      const lines = verdictLines(verdict, { about, index: proof.index, anchors: proof.anchors });
      const changes = await explainChanges(context, options, { artifact, recorded: about?.artifact });
      report(context, options, {
        json: { file, ...verdict, record: about, ...changes?.json },
        lines: changes === undefined ? lines : [...lines, ...changes.lines],
      });
    });
}

/** Wrong input must not read as an invalid proof, so what is compared with the proof is looked at first. */
async function checkOptions(options: VerifyOptions): Promise<void> {
  const { offline, rpc, quorum, logKey, submitter, contract } = options;
  for (const [option, value] of Object.entries({ rpc, quorum })) {
    if (offline !== true || value === undefined) continue;
    throw new UsageError(`Cannot verify the proof as --offline and --${option} exclude each other`, {
      hint: "leave one of them out",
    });
  }
  if (quorum !== undefined && quorum < 2) {
    throw new UsageError("Cannot verify the proof as --quorum must be a whole number from 2", {
      facts: [`--quorum: ${quorum}`],
      hint: "one endpoint alone gives level L1: leave --quorum out",
    });
  }
  for (const [option, address] of Object.entries({ submitter, contract })) {
    if (address === undefined || /^0x[0-9a-fA-F]{40}$/.test(address)) continue;
    throw new UsageError(`Cannot verify the proof as --${option} must be 0x and 40 hex characters`, {
      facts: [`--${option}: ${JSON.stringify(address.slice(0, 80))}`],
      hint: "copy the whole address, from 0x on",
    });
  }
  for (const key of logKey ?? []) (await import("../lib/core/note_key.ts")).parseVerifierKey(key);
  if (rpc === undefined) return;
  const { isAllowedRpcUrl } = await import("../lib/runtime/settings/setting.ts");
  if (!rpc.every(isAllowedRpcUrl)) {
    throw new UsageError(
      "Cannot verify the proof as --rpc must be an https:// URL (http:// only to this machine)",
      { hint: "give an endpoint's URL, such as https://rpc.example.org, or verify with --offline" },
    );
  }
}

/** Which witnesses must have cosigned. */
async function witnessPolicy(
  { witnessKey, witnessThreshold }: VerifyOptions,
): Promise<WitnessPolicy | undefined> {
  if (witnessKey !== undefined) {
    const threshold = witnessThreshold === undefined ? {} : { threshold: witnessThreshold };
    const witnesses = { keys: witnessKey, ...threshold };
    (await import("../lib/verify/check_witnesses.ts")).parseWitnessPolicy(witnesses);
    return witnesses;
  }
  if (witnessThreshold === undefined) return undefined;
  throw new UsageError("Cannot verify the proof as --witness-threshold is given without a witness", {
    hint: "give each witness that counts with --witness-key",
  });
}

type LogKeys = NonNullable<VerificationOptions["logKeys"]>;

/** Whom to trust for the log's checkpoints. */
async function trustedLogKeys(
  context: CliContext,
  { logKey, logKeys }: VerifyOptions,
): Promise<LogKeys | undefined> {
  if (logKeys === undefined) return logKey?.map((verifierKey) => ({ verifierKey, from: 0n }));
  const { readLogKeys } = await import("./read_log_keys.ts");
  return await readLogKeys(pathFrom(context.folder, logKeys), "verify the proof");
}

async function findEndpoints(context: CliContext, options: VerifyOptions): Promise<readonly RpcEndpoint[]> {
  if (options.offline === true) return [];
  if (options.rpc !== undefined) {
    await (await import("./pin_from_environment.ts")).pinFromEnvironment(context);
  }
  const urls = options.rpc ?? await configuredUrls(context, options);
  if (urls.length === 0) return [];
  const { createRpcEndpoint } = await import("../lib/chain/rpc_endpoint.ts");
  // One that is named twice has one voice.
  const distinct = new Map(urls.map((url) => [new URL(url).href, url]));
  return [...distinct.values()].map((url) => createRpcEndpoint(url));
}

async function configuredUrls(context: CliContext, options: VerifyOptions): Promise<readonly string[]> {
  const { loadConfig } = await import("./load_config.ts");
  return (await loadConfig(context, options)).evm?.rpcUrls ?? [];
}

async function readArtifact(
  context: CliContext,
  { artifact, manifest }: VerifyOptions,
): Promise<ReadArtifact | undefined> {
  if (artifact === undefined) {
    if (manifest === undefined) return undefined;
    throw new UsageError("Cannot use --manifest as there is no folder to compare with it", {
      hint: "give the folder with --artifact",
    });
  }
  const { resolve } = await import("node:path");
  const { digestArtifacts } = await import("./digest_artifact.ts");
  return (await digestArtifacts([resolve(context.folder, artifact)], context))[0];
}

interface Compared {
  readonly artifact: ReadArtifact | undefined;
  readonly recorded: Artifact | undefined;
}

/** Of a folder that is not as it was recorded: which of its files. */
async function explainChanges(
  context: CliContext,
  options: VerifyOptions,
  { artifact, recorded }: Compared,
) {
  if (artifact?.artifact.kind !== "directory" || recorded?.kind !== "directory") return undefined;
  if (artifact.artifact.digest === recorded.digest) return undefined;
  const { differenceLines, folderDifference } = await import("./folder_difference.ts");
  const difference = await folderDifference(context, {
    recorded,
    found: artifact.documents[0]!,
    ...(options.manifest === undefined ? {} : { manifest: options.manifest }),
    global: options,
  });
  return { json: difference === undefined ? {} : { difference }, lines: differenceLines(difference) };
}

/** What the record says, for the first lines of the answer; `undefined` where it cannot be read (a check says why). */
async function describeRecord({ record }: Proof): Promise<Omit<TrainingRecord, "salt"> | undefined> {
  const { parseRecord } = await import("../lib/core/parse_record.ts");
  try {
    const { salt: _salt, ...rest } = parseRecord(record);
    return rest;
  } catch {
    return undefined;
  }
}

import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { RpcEndpoint } from "../lib/verify/rpc_endpoint.ts";
import { type Check, type Verdict, verdictExitCode } from "../lib/verify/verdict.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";

interface VerifyOptions extends GlobalOptions {
  artifact?: string;
  rpc?: string[];
  offline?: boolean | undefined;
  logKey?: string;
  submitter?: string;
  contract?: string;
}

/** `pot verify`. */
export function verifyCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Check a proof file. Exit code 0: valid, 1: invalid, 3: valid but pending, 4: could not tell.",
    )
    .arguments("<proof:string>")
    .option("-a, --artifact <path:string>", "The file or folder the record is about: its digest must match.")
    .option(
      "--rpc <url:string>",
      "Ask this endpoint about the anchor; may be repeated. [default: the configured ones]",
      {
        collect: true,
      },
    )
    .option("--offline", "Ask nobody: check the file alone.")
    .option("--log-key <key:string>", "The log's published verifier key; without it the proof's own counts.")
    .option("--submitter <address:string>", "The account that must have anchored.")
    .option("--contract <address:string>", "The contract it must have anchored in.")
    .example("Check it with its file", "pot verify step-500.pot-proof.json --artifact model.safetensors")
    .example("Without a network", "pot verify step-500.pot-proof.json --offline")
    .action(async (options: VerifyOptions, path: string) => {
      if (options.offline === true && options.rpc !== undefined) {
        throw new UsageError("Cannot verify the proof as --offline and --rpc exclude each other");
      }
      const file = resolve(context.folder, path);
      const proof = await readProof(file);
      const { verifyProof } = await import("../lib/verify/verify_proof.ts");
      const { artifact, logKey, submitter, contract } = options;
      const verdict = await verifyProof(proof, {
        endpoints: await findEndpoints(context, options),
        signal: context.signal,
        ...(artifact === undefined
          ? {}
          : { artifactDigest: await digestOf(resolve(context.folder, artifact), context) }),
        ...(logKey === undefined ? {} : { logKey }),
        ...(submitter === undefined ? {} : { submitter }),
        ...(contract === undefined ? {} : { contract }),
      });
      context.exitWith(verdictExitCode(verdict));
      const about = await describeRecord(proof);
      report(context, options, {
        json: { file, ...verdict, record: about },
        lines: ladder(verdict, { about, proof }),
      });
    });
}

async function readProof(file: string): Promise<Proof> {
  const [{ MAX_PROOF_BYTES }, { parseProof }] = await Promise.all([
    import("../lib/verify/proof.ts"),
    import("../lib/verify/parse_proof.ts"),
  ]);
  let text: string;
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) {
      throw new UsageError("Cannot read the proof as it is not a file", { facts: [`file: ${file}`] });
    }
    // Before it is read: a huge file must not fill the memory.
    if (size > MAX_PROOF_BYTES) {
      const { PotError } = await import("../lib/core/errors.ts");
      throw new PotError("Cannot read the proof as the file is too large to be one", {
        facts: [`file: ${file}`, `size: ${size} bytes`, `limit: ${MAX_PROOF_BYTES} bytes`],
        hint: "write the proof again with: pot prove <id>",
      });
    }
    text = await Deno.readTextFile(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied)) {
      throw cause;
    }
    throw new UsageError(
      `Cannot read the proof as ${
        cause instanceof Deno.errors.NotFound ? "there is no such file" : "the file may not be read"
      }`,
      {
        facts: [`file: ${file}`],
        hint: "write one with: pot prove <id>",
        cause,
      },
    );
  }
  return parseProof(text);
}

async function findEndpoints(context: CliContext, options: VerifyOptions): Promise<readonly RpcEndpoint[]> {
  if (options.offline === true) return [];
  const urls = options.rpc ?? await configuredUrls(context, options);
  if (urls.length === 0) return [];
  const { createRpcEndpoint } = await import("../lib/chain/rpc_endpoint.ts");
  return urls.map((url) => createRpcEndpoint(url));
}

async function configuredUrls(context: CliContext, options: VerifyOptions): Promise<readonly string[]> {
  const { loadConfig } = await import("./load_config.ts");
  return (await loadConfig(context, options)).evm?.rpcUrls ?? [];
}

async function digestOf(path: string, context: CliContext): Promise<string> {
  const { digestArtifact } = await import("./digest_artifact.ts");
  return (await digestArtifact(path, context)).digest;
}

/** What the record says, for the first lines of the answer; `undefined` where it cannot be read (a check says why). */
async function describeRecord({ record }: Proof): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { parseRecord } = await import("../lib/core/parse_record.ts");
  try {
    const { salt: _salt, ...rest } = parseRecord(record);
    return rest;
  } catch {
    return undefined;
  }
}

const MARK: Readonly<Record<Check["outcome"], string>> = { pass: "✓", fail: "✗", unknown: "?" };

function ladder(
  { ok, level, state, checks }: Verdict,
  { about, proof }: { readonly about: Readonly<Record<string, unknown>> | undefined; readonly proof: Proof },
): readonly string[] {
  const isUnknown = checks.some(({ outcome }) => outcome === "unknown");
  const answer = !ok
    ? "INVALID"
    : isUnknown
    ? "could not tell"
    : state === "pending"
    ? "valid, but pending: not anchored yet"
    : "valid";
  const what = about === undefined ? [] : [
    `record ${proof.index}: ${about["kind"]} of run ${about["runId"]}${
      about["step"] === undefined ? "" : `, step ${about["step"]}`
    }, recorded ${about["recordedAt"]}`,
  ];
  return [
    `${answer}${ok ? ` (level ${level}, ${state})` : ""}`,
    ...what,
    ...checks.map(({ name, outcome, detail }) => `  ${MARK[outcome]} ${name.padEnd(10)} ${detail}`),
    ...(ok ? restsOn(level, state).map((line) => `  · ${line}`) : []),
  ];
}

/** What the answer rests on, and what it does not say. */
function restsOn(level: Verdict["level"], state: Verdict["state"]): readonly string[] {
  const base = "not proven: that the training was honest; only that these bytes were recorded, in this place";
  if (level === "L1") return ["rests on: the endpoints asked, for the block being on the chain", base];
  const claim = state === "pending" || state === "local"
    ? `rests on: the log's signature; ${state === "local" ? "a local ledger is no chain" : "no anchor yet"}`
    : "rests on: the log's signature; the anchor is what the file claims, checked only with --rpc";
  return [claim, base];
}

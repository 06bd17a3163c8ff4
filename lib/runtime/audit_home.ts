import { join } from "node:path";
import { readDeployment } from "../chain/deployment_file.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { LogKey } from "../core/log_keys.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import { denoFiles } from "../io/deno_files.ts";
import { openAuditFileSource } from "../log/audit_file_source.ts";
import type { AuditedChain } from "../recorder/audit_chain.ts";
import {
  auditLog,
  type AuditProgress,
  type AuditReport,
  type WithAuditSource,
} from "../recorder/audit_log.ts";
import type { Config } from "./config.ts";
import { findLogKey } from "./log_key.ts";
import { readLogKeyLines } from "./log_key_lines.ts";
import { endpointsOf } from "./open_chain_client.ts";
import { resolveContract } from "./resolve_contract.ts";
import { showKey } from "./show_key.ts";
import { systemClock } from "./system_clock.ts";

/** How a home is audited. */
export interface AuditHomeOptions {
  /** Ask no chain. @default false */
  readonly isOffline?: boolean;
  /** Ask these endpoints. @default the configured ones */
  readonly rpcUrls?: readonly string[];
  /** Ask at this final block. @default the newest one */
  readonly block?: bigint;
  /** The keys that the log's owner published. @default those of the home */
  readonly logKeys?: readonly LogKey[];
  readonly onProgress?: (progress: AuditProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Audits the log of a configuration and all that is kept beside it. Nothing is written or repaired.
 *
 * @throws {UsageError} when there is no log, or the chain is another one than configured.
 * @throws {UnreachableError} when the log is in PostgreSQL and that does not answer.
 */
export async function auditHome(
  config: Config,
  { isOffline = false, rpcUrls, block, logKeys, onProgress, signal }: AuditHomeOptions = {},
): Promise<AuditReport> {
  const { home, logUrl } = config;
  const chain = isOffline ? undefined : await chainOf(config, { rpcUrls, block });
  return await auditLog({
    home,
    files: denoFiles,
    origin: await originOf(config, logKeys),
    keys: () => logKeys === undefined ? keysOf(home) : Promise.resolve(logKeys),
    withSource: logUrl === undefined ? inFolder(join(home, "log")) : await inPostgres(logUrl),
    chain,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function inFolder(folder: string): WithAuditSource {
  return async (to, work) => {
    using source = await openAuditFileSource(folder, { files: denoFiles, ...to });
    return await work(source);
  };
}

async function inPostgres(url: string): Promise<WithAuditSource> {
  // Loaded here, as most installations never need it.
  const { withAuditPostgresSource } = await import("../log/audit_postgres_source.ts");
  return (to, work) => withAuditPostgresSource(url, to, work);
}

/** The log's name: as configured, else as its key or its checkpoint has it. */
async function originOf(
  { origin, home, logUrl }: Config,
  logKeys: AuditHomeOptions["logKeys"],
): Promise<string> {
  const folder = join(home, "log");
  const isThere = logUrl !== undefined || await denoFiles.stat(folder) !== undefined;
  if (!isThere) {
    throw new UsageError("Cannot audit the log as there is none here yet", {
      facts: [`home: ${home}`],
      hint: "make one with: pot init",
    });
  }
  if (logKeys !== undefined) return parseVerifierKey(logKeys[0]!.verifierKey).name;
  if (origin !== undefined) return origin;
  const key = await findLogKey(home);
  if (key !== undefined) return key.name;
  const note = await denoFiles.read(join(folder, "checkpoint"));
  try {
    return parseCheckpointNote(new TextDecoder().decode(note)).origin;
  } catch {
    throw new UsageError("Cannot audit the log as nothing here says what it is called", {
      facts: [`home: ${home}`],
      hint: "restore log.key, or give the owner's published keys with --log-keys",
    });
  }
}

/** Before the first rotation, the log's key is the only one. Without a key, signatures cannot be checked. */
async function keysOf(home: string): Promise<readonly LogKey[] | undefined> {
  const keys = await readLogKeyLines(home, denoFiles);
  if (keys.length > 0) return keys;
  const key = await findLogKey(home);
  return key && [{ verifierKey: key.verifierKey, from: 0n }];
}

/** The chain that an audit of this configuration asks; `undefined` where there is none. */
export async function chainOf(
  config: Config,
  { rpcUrls, block }: { readonly rpcUrls: readonly string[] | undefined; readonly block: bigint | undefined },
): Promise<AuditedChain | undefined> {
  const { evm } = config;
  if (evm === undefined) return undefined;
  const { createEndpointPool } = await import("../chain/endpoint_pool.ts");
  const contract = await resolveContract(config);
  const deployment = await readDeployment(config.folder, evm.chainId);
  const isDeployed = deployment?.contractAddress.toLowerCase() === contract?.toLowerCase();
  const fromBlock = isDeployed ? deployment?.blockNumber : undefined;
  const account = await accountOf(config);
  return {
    endpoints: createEndpointPool({
      ...endpointsOf(rpcUrls === undefined ? evm : { ...evm, rpcUrls }),
      clock: systemClock,
    }),
    chainId: `eip155:${evm.chainId}`,
    ...(contract === undefined ? {} : { contract }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...(account === undefined ? {} : { account }),
    ...(block === undefined ? {} : { block }),
  };
}

/** The account that signs here, where that needs no passphrase. */
async function accountOf(config: Config): Promise<string | undefined> {
  try {
    return (await showKey(config, { unlock: false }))?.address;
  } catch (error) {
    // Without it, the accounts that are noted beside the anchors are looked at.
    if (error instanceof PotError) return undefined;
    throw error;
  }
}

import { join } from "node:path";
import { createEndpointPool } from "../chain/endpoint_pool.ts";
import { readDeployment } from "../chain/deployment_file.ts";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import { mayVouchFor } from "../core/log_keys.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Log } from "../log/log.ts";
import { rebuildFromContract, type RebuildOptions } from "../recorder/rebuild_from_contract.ts";
import type { RebuildReport } from "../recorder/rebuild_report.ts";
import type { SurvivingLog } from "../recorder/restore_home.ts";
import type { Config } from "./config.ts";
import { readKeyRotations } from "./key_rotation_file.ts";
import { findLogKey } from "./log_key.ts";
import { openLogKeyring } from "./log_keyring.ts";
import { openLog } from "./open_log.ts";
import { endpointsOf, requireContract } from "./open_chain_client.ts";
import { systemClock } from "./system_clock.ts";

/** What a home's rebuild takes. */
export interface RebuildHomeOptions extends Omit<RebuildOptions, "accounts"> {
  /** Where the files go. @default the home */
  readonly folder?: string;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** A rebuild asks so much that some of it fails at any endpoint: eight rounds of one in ten are one in a hundred million. */
const ROUNDS = 8;

/**
 * Rebuilds from the configured contract what the home has lost. Where the log is still there, it is given a checkpoint over all that it
 * holds, and the anchors are made to fit it.
 *
 * @throws {UsageError} when no chain or contract is configured, or the log is there without its key.
 */
export async function rebuildHome(
  config: Config,
  { folder = config.home, clock = systemClock, signal, fromBlock, ...options }: RebuildHomeOptions = {},
): Promise<RebuildReport> {
  const { evm, home } = config;
  if (evm === undefined) {
    throw new UsageError("Cannot rebuild from a contract as no chain is configured", {
      hint: "set RPC_URL and CHAIN_ID, and CONTRACT_ADDRESS where deployments/ is lost too",
    });
  }
  const { getAddress } = await import("viem/utils");
  const contract = getAddress(await requireContract(config, evm));
  const deployment = await readDeployment(config.folder, evm.chainId);
  const deployedAt = fromBlock ??
    (deployment?.contractAddress === contract ? deployment.blockNumber : undefined);
  const accounts = await accountsOf(config);
  const endpoints = createEndpointPool({
    ...endpointsOf(evm),
    clock,
    rounds: ROUNDS,
  });
  const read = signal === undefined ? {} : { signal };
  const log = await hasLog(config) ? await openLog(config) : undefined;
  try {
    return await rebuildFromContract(
      {
        endpoints,
        contract,
        files: denoFiles,
        folder,
        ...(log === undefined ? {} : { log: await surviving(log, home, read) }),
      },
      {
        ...options,
        ...read,
        ...(deployedAt === undefined ? {} : { fromBlock: deployedAt }),
        accounts,
      },
    );
  } finally {
    await log?.[Symbol.asyncDispose]();
  }
}

/** The account that signs here, where that needs no passphrase, and those that did before. */
async function accountsOf(config: Config): Promise<readonly `0x${string}`[]> {
  const { showKey } = await import("./show_key.ts");
  const account = (await showKey(config, { unlock: false }))?.address as `0x${string}` | undefined;
  const { current, retired } = await readKeyRotations(config.home, denoFiles);
  const before = [...retired, ...(current === undefined ? [] : [current.from, current.to])];
  return [...new Set([...(account === undefined ? [] : [account]), ...before.map(({ address }) => address)])];
}

async function hasLog({ home, logUrl }: Config): Promise<boolean> {
  const isThere = logUrl !== undefined ||
    await denoFiles.stat(join(home, "log", "write-ahead")) !== undefined;
  const hasKey = await findLogKey(home) !== undefined;
  if (isThere && !hasKey) {
    throw new UsageError("Cannot rebuild the anchors as the log is here but its key is not", {
      facts: [`home: ${home}`],
      hint: "restore it with: pot log restore-key <file>; or point --home at an empty folder",
    });
  }
  return isThere;
}

async function surviving(
  log: Log,
  home: string,
  read: { readonly signal?: AbortSignal },
): Promise<SurvivingLog> {
  const keyring = await openLogKeyring(home, { files: denoFiles });
  // The published checkpoint may be lost too, or cover less than was recorded since.
  const head = await log.checkpoint(read);
  return {
    find: (id) => log.find(id),
    headAt: (size) => log.headAt(size),
    size: head?.size ?? 0n,
    async noteOver({ size, root }) {
      const published = await log.publishedCheckpoint();
      if (published?.size === size) return published.note;
      const keys = await keyring.keys();
      const handOver = keys.find(({ from, handOver }) => from === size && handOver !== undefined)?.handOver;
      if (handOver !== undefined) return handOver;
      return mayVouchFor(keys.at(-1)!, size) ? await keyring.sign({ size, root }, published) : undefined;
    },
  };
}

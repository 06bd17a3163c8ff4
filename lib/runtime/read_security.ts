import type { WatchedContract } from "../access/contract_watch.ts";
import {
  readSecurityOccurrences,
  type SecurityNews,
  type SecurityState,
} from "../access/read_security_occurrences.ts";
import { checkContract } from "../chain/check_contract.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import type { RpcMeter } from "../chain/rpc_meter.ts";
import type { Clock } from "../core/clock.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { resolveContract } from "./resolve_contract.ts";

/** What is watched. */
export interface ReadSecurityDeps {
  readonly config: Config;
  readonly meter: Pick<RpcMeter, "totals">;
  readonly clock: Pick<Clock, "now">;
  /** Asked about the contract. @default no contract is watched */
  readonly endpoints?: Pick<EndpointPool, "read" | "chainId">;
}

/** What is new and unusual in an installation since `before`; for the job `security`. */
export async function readSecurity(
  { config, meter, clock, endpoints }: ReadSecurityDeps,
  before: SecurityState | undefined,
  { signal }: { readonly signal: AbortSignal },
): Promise<SecurityNews> {
  const contract = endpoints === undefined ? undefined : await resolveContract(config);
  return await readSecurityOccurrences({
    home: config.home,
    files: denoFiles,
    isShared: config.logUrl !== undefined,
    rpcCalls: meter.totals,
    nowMs: clock.now(),
    signal,
    ...(contract === undefined || endpoints === undefined ? {} : {
      contract: async (options) => watched(await checkContract({ endpoints, contract, ...options })),
    }),
  }, before);
}

/** What is kept as JSON between looks: the rest of a report, block numbers among it, is not. */
function watched(
  { contract, owner, pendingOwner, isPaused, successor, codeHash }: WatchedContract,
): WatchedContract {
  return { contract, owner, pendingOwner, isPaused, successor, codeHash };
}

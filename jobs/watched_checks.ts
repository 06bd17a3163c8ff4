import type { Config } from "../lib/runtime/config.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/** What each job observes; a check that stands nowhere is somebody else's. */
export const CHECKS_OF_JOBS: Readonly<Record<string, readonly string[]>> = {
  health: [
    "endpoint",
    "quorum",
    "clock-skew",
    "contract-code",
    "contract-paused",
    "contract-owner",
    "gas-price",
    "balance",
    "success-rate",
    "disk-space",
    "log-writable",
    "pending-age",
    "expiry",
  ],
  cost: ["cost", "budget", "price"],
  transactions: ["transaction-volume", "transaction-integrity", "transaction-stuck"],
  audit: ["audit", "reconciliation"],
  backup: ["backup"],
  "restore-drill": ["restore-drill"],
  watchdog: ["watchdog"],
};

const OF_THE_CHAIN: readonly string[] = [
  "endpoint",
  "quorum",
  "clock-skew",
  "contract-code",
  "contract-paused",
  "contract-owner",
  "gas-price",
  "balance",
  "success-rate",
  "reconciliation",
];
const OF_THE_KEY: readonly string[] = ["balance", "success-rate"];

/**
 * Tells of each check and subject whether anybody looks at it, as this installation is configured: so that an endpoint that was taken
 * out, a job that was switched off, or a chain that is not used any more is missed by nobody.
 */
export function createWatchedChecks(
  { chain, evm, signing, backup, caFile }: Pick<Config, "chain" | "evm" | "signing" | "backup" | "caFile">,
  jobs: () => readonly Pick<PlannedJob, "name" | "isEnabled">[],
): (check: string, subject: string) => boolean {
  const jobOf = new Map(
    Object.entries(CHECKS_OF_JOBS).flatMap(([job, checks]) => checks.map((check) => [check, job] as const)),
  );
  const isEnabled = (job: string) => jobs().some(({ name, isEnabled }) => name === job && isEnabled);
  const hasChain = chain === "evm" && evm !== undefined;
  const endpointCount = hasChain ? evm.rpcUrls.length : 0;
  return (check, subject) => {
    if (check === "job") return isEnabled(subject);
    const job = jobOf.get(check);
    if (job === undefined) return true;
    if (!isEnabled(job) || (!hasChain && OF_THE_CHAIN.includes(check))) return false;
    if (signing === undefined && OF_THE_KEY.includes(check)) return false;
    if (check === "backup") return backup?.targets.some(({ name }) => name === subject) ?? false;
    if (check === "expiry" && subject.startsWith("pinned certificate")) return caFile !== undefined;
    const [, place] = /^(?:certificate of )?endpoint-(\d+)$/.exec(subject) ?? [];
    return place === undefined || Number(place) <= endpointCount;
  };
}

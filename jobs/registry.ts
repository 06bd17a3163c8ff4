import type { Alerts } from "../lib/alerts/alerts.ts";
import type { Clock } from "../lib/core/clock.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { createProofFolder } from "../lib/runtime/upgrade_proof_folder.ts";
import { anchorJob } from "./anchor_job.ts";
import { auditJob } from "./audit_job.ts";
import { backupJob, type BackupJobDeps } from "./backup_job.ts";
import { confirmJob, type ConfirmJobDeps } from "./confirm_job.ts";
import { costJob } from "./cost_job.ts";
import { digestJob, type DigestJobDeps } from "./digest_job.ts";
import { healthJob } from "./health_job.ts";
import type { Job } from "./job.ts";
import type { Watch } from "./open_watch.ts";
import { restoreDrillJob, type RestoreDrillJobDeps } from "./restore_drill_job.ts";
import { securityJob, type SecurityJobDeps } from "./security_job.ts";
import { transactionsJob } from "./transactions_job.ts";
import { watchdogJob, type WatchdogJobDeps } from "./watchdog_job.ts";

/** What jobs work with. */
export interface JobsDeps {
  readonly runtime: Pick<Runtime, "recorder" | "chain" | "config">;
  readonly watch: Watch;
  readonly audit: Parameters<typeof auditJob>[0];
  readonly digest: DigestJobDeps["digest"];
  readonly watchdog: Pick<WatchdogJobDeps, "problems" | "sendHeartbeat">;
  readonly security: SecurityJobDeps;
  /** @default no backups are made */
  readonly backup?: Pick<BackupJobDeps, "backups" | "keep"> & Pick<RestoreDrillJobDeps, "rehearse">;
  readonly alerts: Pick<Alerts, "announce">;
  readonly clock: Clock;
}

/** Every job there is, each with its own data; the configuration is put over it by `planJobs`. */
export function createJobs(
  { runtime: { recorder, chain, config }, watch, audit, digest, watchdog, security, backup, alerts, clock }:
    JobsDeps,
): readonly Job[] {
  return [
    anchorJob(recorder),
    confirmJob({ chain, recorder, ...proofsOf(config, recorder) }),
    healthJob(watch.checks, clock),
    ...chainJobs(watch, { config, clock }),
    securityJob(security),
    auditJob(audit, clock),
    ...(backup === undefined ? [] : [backupJob({ ...backup, clock }), restoreDrillJob({ ...backup, clock })]),
    digestJob({ digest, alerts, clock }),
    watchdogJob({ ...watchdog, clock }),
  ];
}

function proofsOf(
  { proofs }: Runtime["config"],
  recorder: Runtime["recorder"],
): Pick<ConfirmJobDeps, "upgradeProofs"> {
  return proofs === undefined
    ? {}
    : { upgradeProofs: createProofFolder(proofs, { recorder, files: denoFiles }) };
}

/** Waits longer for a block than this: stuck; the sender's own patience where nothing is configured. */
const STUCK_AFTER_MS = 90_000;

function chainJobs(
  { chain, price, currency }: Watch,
  { config: { cost }, clock }: { readonly config: Runtime["config"]; readonly clock: Clock },
): readonly Job[] {
  if (chain === undefined) return [];
  const { evm: { sending }, journal, checkRecent } = chain;
  const { dailyAlert: daily, monthlyAlert: monthly, volumeAlert: volumeLimit } = cost;
  return [
    costJob({ journal, price, limits: sending.limits, currency, alerts: { daily, monthly }, clock }),
    transactionsJob({
      journal,
      checkRecent,
      stuckAfterMs: sending.stuckAfterMs ?? STUCK_AFTER_MS,
      clock,
      ...(volumeLimit === undefined ? {} : { volumeLimit }),
    }),
  ];
}

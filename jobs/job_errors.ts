import { PotError, UsageError } from "../lib/core/errors.ts";
import type { JobClaim } from "./job_state.ts";

/** Says which jobs there are. */
export function unknownJob(name: string, jobs: readonly { readonly name: string }[]): UsageError {
  return new UsageError("Cannot run the job as there is none of that name", {
    facts: [`name: ${JSON.stringify(name.slice(0, 80))}`, `jobs: ${jobs.map((job) => job.name).join(", ")}`],
    hint: "list them with: pot jobs list",
  });
}

/** Says who runs it, as far as that is known. */
export function jobIsRunning(name: string, claim: JobClaim | undefined): PotError {
  const by = claim && `${claim.holder.host}, process ${claim.holder.pid}`;
  return new PotError("Cannot run the job as it is running", {
    facts: [
      `job: ${name}`,
      ...(claim === undefined ? [] : [`since: ${new Date(claim.startedAtMs).toISOString()}`, `by: ${by}`]),
    ],
    hint: "wait until it has ended; where that process died, its run is given up half a minute later",
  });
}

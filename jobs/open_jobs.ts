import type { StateStore } from "../lib/io/state_store.ts";
import { openStateStore } from "../lib/runtime/open_state_store.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { planJobs, type PlannedJob } from "./plan_jobs.ts";
import { createJobs } from "./registry.ts";

/** The jobs of an installation, and where their records are. */
export interface OpenedJobs extends AsyncDisposable {
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
}

/**
 * Puts together the jobs of a runtime as its configuration wants them.
 *
 * @throws {UsageError} for a mistake in the section `jobs` of the configuration
 */
export async function openJobs(runtime: Runtime): Promise<OpenedJobs> {
  const jobs = planJobs(createJobs(runtime), runtime.config.jobs);
  const state = await openStateStore(runtime.config);
  return { jobs, state, [Symbol.asyncDispose]: () => state[Symbol.asyncDispose]() };
}

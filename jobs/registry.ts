import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { anchorJob } from "./anchor_job.ts";
import { confirmJob } from "./confirm_job.ts";
import type { Job } from "./job.ts";

/** What jobs work with. */
export type JobsDeps = Pick<Runtime, "recorder" | "chain">;

/** Every job there is, each with its own data; the configuration is put over it by `planJobs`. */
export function createJobs({ recorder, chain }: JobsDeps): readonly Job[] {
  return [
    anchorJob(recorder),
    confirmJob(chain, recorder),
  ];
}

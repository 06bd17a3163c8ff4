import { hostname } from "node:os";
import type { JobHolder } from "../jobs/job_state.ts";

/** This process, as others on the same log see it. */
export function thisProcess(): JobHolder {
  return { host: hostname(), pid: Deno.pid };
}

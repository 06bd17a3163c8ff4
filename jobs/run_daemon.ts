import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { createStatusApp } from "../lib/server/status_app.tsx";
import { anchorJob } from "./anchor_job.ts";
import type { Scheduler } from "./scheduler.ts";

export interface DaemonOptions {
  readonly scheduler: Scheduler;
  /** Of the status server, on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Writes one line. */
  readonly log: (line: string) => void;
  /** Ends the daemon in order: no new run starts, what is under way is aborted. */
  readonly signal: AbortSignal;
}

/** The daemon: scheduled jobs and the status server, until the signal aborts. */
export async function runDaemon(
  runtime: Runtime,
  { scheduler, port, log, signal }: DaemonOptions,
): Promise<void> {
  const onListen = ({ port: bound }: { readonly port: number }) =>
    log(`status server on http://127.0.0.1:${bound}/`);
  await using server = Deno.serve({ hostname: "127.0.0.1", port, onListen }, createStatusApp(runtime).fetch);
  await scheduler.start([anchorJob(runtime.recorder)], { signal });
  await server.shutdown();
}

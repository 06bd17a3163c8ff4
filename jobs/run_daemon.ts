import { UsageError } from "../lib/core/errors.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { createStatusApp } from "../lib/server/status_app.tsx";
import { anchorJob } from "./anchor_job.ts";
import { confirmJob } from "./confirm_job.ts";
import { errorLine } from "./error_line.ts";
import type { Scheduler } from "./scheduler.ts";

export interface DaemonOptions {
  readonly scheduler: Scheduler;
  /** Of the status server, on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Writes one line. */
  readonly log: (line: string) => void;
  /** Called once the status server listens, with its address. */
  readonly onListen?: (url: string) => void;
  /** Ends the daemon in order: no new run starts, what is under way is aborted. */
  readonly signal: AbortSignal;
}

/**
 * The daemon: scheduled jobs and the status server, until the signal aborts and both have come to rest.
 *
 * @throws {UsageError} when the port cannot be had.
 */
export async function runDaemon(
  runtime: Pick<Runtime, "recorder" | "log" | "chain">,
  { scheduler, port, log, onListen = () => {}, signal }: DaemonOptions,
): Promise<void> {
  await using server = serve(port, { runtime, log, onListen });
  const { chain, recorder } = runtime;
  await scheduler.start([anchorJob(recorder), confirmJob(chain, recorder)], { signal });
  await server.shutdown();
}

function serve(
  port: number,
  { runtime, log, onListen }: Required<Pick<DaemonOptions, "log" | "onListen">> & {
    readonly runtime: Pick<Runtime, "recorder" | "log">;
  },
): Deno.HttpServer {
  const announce = ({ port: bound }: { readonly port: number }) => {
    const url = `http://127.0.0.1:${bound}/`;
    log(`status server on ${url}`);
    onListen(url);
  };
  try {
    const app = createStatusApp({
      ...runtime,
      onError: (error) => log(`status server: ${errorLine(error)}`),
    });
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: announce }, app.fetch);
  } catch (cause) {
    const isTaken = cause instanceof Deno.errors.AddrInUse;
    if (!isTaken && !(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    throw new UsageError(
      `Cannot start the daemon as port ${port} ${isTaken ? "is taken" : "may not be used"}`,
      { hint: "stop what listens there, or choose another port: pot up --port 0 picks a free one", cause },
    );
  }
}

import { UsageError } from "../lib/core/errors.ts";
import type { MetricsSource } from "../lib/core/metrics/metric_registry.ts";
import { redactText } from "../lib/core/redact.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { Leadership } from "../lib/io/leadership.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { createStatusApp } from "../lib/server/status_app.tsx";
import { takeDaemonLock } from "./daemon_lock.ts";
import { errorLine } from "./error_line.ts";
import { atMost } from "./execute_job.ts";
import { runJobs, type RunJobsOptions } from "./run_jobs.ts";

export interface DaemonOptions extends RunJobsOptions {
  /** Which of several daemons on one log acts. */
  readonly leadership: Leadership;
  /** The folder of all state: one daemon works on it at a time. */
  readonly home: string;
  /** Of the status server, on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** What its page `/metrics` tells. @default there is none */
  readonly metrics?: MetricsSource;
  /** Told when this daemon begins to act, and when it no longer does. @default nobody is told */
  readonly onLeading?: (isLeading: boolean) => void;
  /** Called once the status server listens, with its address. */
  readonly onListen?: (url: string) => void;
  /** Ends the daemon in order. */
  readonly signal: AbortSignal;
}

/** How long requests under way are waited for at the end. */
const SHUTDOWN_MS = 2_000;

/**
 * The daemon: scheduled jobs, alerts and the status server, until the signal aborts and all have come to rest. Where several
 * share a log, those that stand by serve their status all the same.
 *
 * @throws {UsageError} when another daemon works on this home folder, or the port cannot be had.
 */
export async function runDaemon(
  runtime: Pick<Runtime, "recorder" | "log">,
  options: DaemonOptions,
): Promise<void> {
  const { home, holder, leadership, clock, log, signal, onLeading = () => {} } = options;
  using _lock = await takeDaemonLock(home, { files: denoFiles, holder });
  const closing = new AbortController();
  await using server = serve(runtime, { ...options, closing: closing.signal });
  await leadership.lead(async (leading) => {
    onLeading(true);
    try {
      await runJobs(options, { leading, signal });
    } finally {
      onLeading(false);
    }
  }, { signal, onChange: log });
  const isClosed = await atMost(server.shutdown(), { ms: SHUTDOWN_MS, clock });
  // A server that is closed already must not be told to close: Deno throws out of the event then.
  if (!isClosed) closing.abort();
}

function serve(
  runtime: Pick<Runtime, "recorder" | "log">,
  { port, log, onListen = () => {}, redact = redactText, metrics, closing }: DaemonOptions & {
    /** Closes what is open, finished or not. */
    readonly closing: AbortSignal;
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
      ...(metrics && { metrics }),
      onError: (error) => log(`status server: ${errorLine(error, redact)}`),
    });
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: announce, signal: closing }, app.fetch);
  } catch (cause) {
    const isTaken = cause instanceof Deno.errors.AddrInUse;
    if (!isTaken && !(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    throw new UsageError(
      `Cannot start the daemon as port ${port} ${isTaken ? "is taken" : "may not be used"}`,
      { hint: "stop what listens there, or choose another port: pot up --port 0 picks a free one", cause },
    );
  }
}

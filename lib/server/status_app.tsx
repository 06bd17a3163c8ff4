import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { formatMetrics, METRICS_CONTENT_TYPES } from "../core/metrics/format_metrics.ts";
import type { MetricsSource } from "../core/metrics/metric_registry.ts";
import { negotiateMetrics } from "../core/metrics/negotiate_metrics.ts";
import type { Anchor } from "../recorder/anchor_line.ts";
import type { Recorder, RecorderStatus } from "../recorder/recorder.ts";
import { guardMutations, type RouteVerbs, type ServerAccess } from "./guard_mutations.ts";
import { StatusPage } from "./status_page.tsx";

/** What the status server shows. It changes nothing. */
export interface StatusAppDeps {
  /** Whose status is shown. */
  readonly recorder: Pick<Recorder, "status">;
  /** The log's newest signed checkpoint. */
  readonly log: { publishedCheckpoint(): Promise<{ readonly note: string } | undefined> };
  /** Told what went wrong while answering; the asker only learns that it did. @default nobody is told */
  readonly onError?: (error: unknown) => void;
  /** What `/metrics` tells. @default there is no such page */
  readonly metrics?: MetricsSource;
  /** Who may do what; asked before a request changes anything. @default nobody may */
  readonly access?: ServerAccess;
}

/** Which verb each route asks for that changes anything; a route without a row is closed. */
const ROUTE_VERBS: RouteVerbs = {};

/** A Hono app. By way of its module, as `deno doc --lint` takes the class of an npm package for a private one. */
export type StatusApp = InstanceType<(typeof import("hono"))["Hono"]>;

/**
 * The status server: a Hono app, ready to be served or mounted in another one.
 *
 * - `/` the status page, `/api/v1/status` the same as JSON;
 * - `/checkpoint` the log's signed checkpoint (C2SP tlog-tiles);
 * - `/metrics` numbers for Prometheus, as text or as OpenMetrics, whichever is asked for;
 * - `/healthz` answers while the process runs.
 *
 * Addresses and transaction hashes of anchors are not shown.
 *
 * @example
 * ```ts
 * import { createStatusApp, type Runtime } from "@pot/ops";
 * function serve(runtime: Runtime): Deno.HttpServer {
 *   return Deno.serve({ port: 0 }, createStatusApp(runtime).fetch);
 * }
 * console.log(serve.name);
 * ```
 */
export function createStatusApp({ recorder, log, onError, access, metrics }: StatusAppDeps): StatusApp {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    setSecurityHeaders(context);
  });
  app.use(guardMutations({ access, verbs: ROUTE_VERBS }));
  app.get("/", async (context) => {
    const page = <StatusPage status={await recorder.status()} />;
    return context.html(html`<!DOCTYPE html>${page}`);
  });
  app.get("/api/v1/status", async (context) => context.json(statusJson(await recorder.status())));
  app.get("/checkpoint", async (context) => {
    const checkpoint = await log.publishedCheckpoint();
    return checkpoint === undefined ? context.notFound() : context.text(checkpoint.note);
  });
  if (metrics !== undefined) {
    app.get("/metrics", async (context) => {
      const format = negotiateMetrics(context.req.header("accept"));
      const text = formatMetrics(await metrics.read(), format);
      return context.body(text, 200, { "content-type": METRICS_CONTENT_TYPES[format], "vary": "accept" });
    });
  }
  app.get("/healthz", (context) => context.text("ok\n"));
  app.onError((error, context) => {
    onError?.(error);
    return context.text("Internal Server Error\n", 500);
  });
  return app;
}

function setSecurityHeaders(context: Context): void {
  context.header(
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  );
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
}

function statusJson({ origin, recordCount, records, runs, anchors }: RecorderStatus) {
  return { origin, recordCount, records, runs, anchors: anchors.map(publicAnchor) };
}

function publicAnchor({ size, facts }: Anchor) {
  return { size: String(size), kind: facts.kind, state: facts.state, chainId: facts.chainId };
}

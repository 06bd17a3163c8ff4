import { Command, EnumType } from "@cliffy/command";
import type { MetricFamily, MetricSample } from "../lib/core/metrics/metric.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

interface MetricsOptions extends GlobalOptions {
  format: "prometheus" | "openmetrics";
}

/** `pot metrics`. */
export function metricsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Print once what the daemon's page /metrics tells, that process itself aside. No endpoint is asked. Exit code 1: a part could not be read.",
    )
    .type("format", new EnumType(["prometheus", "openmetrics"]))
    .option("--format <format:format>", "prometheus (text 0.0.4) or openmetrics (1.0).", {
      default: "prometheus",
    })
    .example("How are transactions doing?", "pot metrics")
    .example("For whoever reads OpenMetrics", "pot metrics --format openmetrics")
    .action(async (options: MetricsOptions) => {
      await withRuntime(context, options, async (runtime) => {
        const [{ openJobs }, { formatMetrics }, { formatError }] = await Promise.all([
          import("../jobs/open_jobs.ts"),
          import("../lib/core/metrics/format_metrics.ts"),
          import("./output.ts"),
        ]);
        await using opened = await openJobs(runtime);
        const families = await opened.openMetrics({
          onError(collector, error) {
            context.exitWith(1);
            const { redactor } = context;
            context.err(`${collector}: ${formatError(error, { isJson: false, redactor })}`);
          },
        }).read();
        report(context, options, {
          json: { metrics: families.filter(({ samples }) => samples.length > 0).map(familyJson) },
          lines: formatMetrics(families, options.format).trimEnd().split("\n"),
        });
      });
    });
}

function familyJson({ metric: { name, type, unit, help }, samples }: MetricFamily): unknown {
  return { name, type, ...(unit === undefined ? {} : { unit }), help, samples: samples.map(sampleJson) };
}

/** JSON has no infinity: the last bound is left out. */
function sampleJson({ labels = {}, value }: MetricSample): unknown {
  if (typeof value === "number") return { labels, value };
  const buckets = value.buckets.map(({ upTo, count }) => ({ ...(upTo < Infinity && { upTo }), count }));
  return { labels, buckets, sum: value.sum };
}

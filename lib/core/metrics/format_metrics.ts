import { type Labels, type MetricFamily, type MetricSample, sampleName } from "./metric.ts";

/** A text format of metrics: Prometheus text 0.0.4, or OpenMetrics 1.0. */
export type MetricsFormat = "prometheus" | "openmetrics";

/** Content types, by format. */
export const METRICS_CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/**
 * Metrics as text, by name; what has no sample is left out. No timestamps and no `_created`: the reader's clock dates them.
 *
 * Bounds of histograms are written alike in both formats (`60.0`), so that a reader that changes over goes on with the same series.
 */
export function formatMetrics(families: readonly MetricFamily[], format: MetricsFormat): string {
  const lines = families.filter(({ samples }) => samples.length > 0)
    .toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1))
    .flatMap((
      one,
    ) => [...metadata(one, format), ...one.samples.flatMap((sample) => sampleLines(one, sample))]);
  return [...lines, ...(format === "openmetrics" ? ["# EOF"] : []), ""].join("\n");
}

function metadata({ metric }: MetricFamily, format: MetricsFormat): readonly string[] {
  const { name, type, unit, help } = metric;
  if (format === "openmetrics") {
    return [
      `# HELP ${name} ${escapeText(help)}`,
      `# TYPE ${name} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    ];
  }
  // This format knows the names of samples only, and no info.
  const full = sampleName(metric);
  return [
    `# HELP ${full} ${escapeBackslashes(help)}`,
    `# TYPE ${full} ${type === "info" ? "gauge" : type}`,
  ];
}

function sampleLines({ metric }: MetricFamily, { labels = {}, value }: MetricSample): readonly string[] {
  const ordered = metric.labels.map((label) => [label, labels[label]!] as const);
  if (typeof value === "number") {
    return [`${sampleName(metric)}${labelText(ordered)} ${formatNumber(value)}`];
  }
  let below = 0;
  const buckets = value.buckets.map(({ upTo, count }) => {
    below += count;
    return `${metric.name}_bucket${labelText([...ordered, ["le", formatBound(upTo)]])} ${below}`;
  });
  return [
    ...buckets,
    `${metric.name}_sum${labelText(ordered)} ${formatNumber(value.sum)}`,
    `${metric.name}_count${labelText(ordered)} ${below}`,
  ];
}

function labelText(labels: readonly (readonly [string, Labels[string]])[]): string {
  if (labels.length === 0) return "";
  return `{${labels.map(([name, value]) => `${name}="${escapeText(value)}"`).join(",")}}`;
}

function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

/** Always a float, as OpenMetrics asks (§ Canonical Numbers). */
function formatBound(value: number): string {
  const text = formatNumber(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Escapes a label's value, and a help text in OpenMetrics. */
function escapeText(text: string): string {
  return escapeBackslashes(text).replaceAll('"', '\\"');
}

/** NUL and half a surrogate pair end or break what readers parse. */
function escapeBackslashes(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}").replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** What kind of number it is: a counter only grows, and starts again with what counts. */
export type MetricType = "counter" | "gauge" | "histogram" | "info";

/** One metric, as it is described: what Prometheus calls a family. */
export interface Metric {
  /** Without `_total` of a counter and `_info` of an info, which formats add. */
  readonly name: string;
  /** What kind of number it is. */
  readonly type: MetricType;
  /** One line for people. */
  readonly help: string;
  /** Base unit, such as `seconds`; the name ends with it. */
  readonly unit?: string;
  /** Names of labels; each sample has all of them. */
  readonly labels: readonly string[];
}

/** A metric with what it is now. */
export interface MetricFamily {
  /** What is measured. */
  readonly metric: Metric;
  /** One for each set of labels. */
  readonly samples: readonly MetricSample[];
}

/** Values of labels, by name. */
export type Labels = Readonly<Record<string, string>>;

/** What was measured of one set of labels. */
export interface MetricSample {
  /** Of all of the metric's labels. @default none */
  readonly labels?: Labels;
  /** A number, or counts under upper bounds where the metric is a histogram. */
  readonly value: number | HistogramValue;
}

/** How many measurements were how large. */
export interface HistogramValue {
  /** By their inclusive upper bounds, smallest first, each counting only what no earlier one does; the last bound is infinite. */
  readonly buckets: readonly { readonly upTo: number; readonly count: number }[];
  /** Of all measurements together. */
  readonly sum: number;
}

/** What a metric takes beside its name and help. */
export interface MetricOptions {
  /** Base unit, with which the name ends. @default none */
  readonly unit?: string;
  /** Names of labels. @default none */
  readonly labels?: readonly string[];
}

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
/** What formats add to a name, so that no name may end with it. */
const RESERVED = /_(?:total|info|bucket|count|sum|created|gcount|gsum)$/;
const RESERVED_LABELS: readonly string[] = ["le", "quantile"];

function defineMetric(
  type: MetricType,
  name: string,
  { help, unit, labels = [] }: MetricOptions & { readonly help: string },
): Metric {
  const isUnit = unit === undefined || (type !== "info" && NAME.test(unit) && name.endsWith(`_${unit}`));
  const areLabels = labels.every((label) => NAME.test(label) && !RESERVED_LABELS.includes(label)) &&
    new Set(labels).size === labels.length;
  if (!NAME.test(name) || RESERVED.test(name) || !isUnit || !areLabels || help === "") {
    throw new TypeError(`Cannot describe the metric ${name} as its name, unit or labels break the rules`);
  }
  return { name, type, help, labels, ...(unit === undefined ? {} : { unit }) };
}

/** Something that only grows. */
export function counter(name: string, help: string, options: MetricOptions = {}): Metric {
  return defineMetric("counter", name, { help, ...options });
}

/** Something that goes up and down. */
export function gauge(name: string, help: string, options: MetricOptions = {}): Metric {
  return defineMetric("gauge", name, { help, ...options });
}

/** How many measurements were how large. */
export function histogram(name: string, help: string, options: MetricOptions = {}): Metric {
  return defineMetric("histogram", name, { help, ...options });
}

/** Texts that stay the same as long as a process lives. */
export function info(name: string, help: string, options: Omit<MetricOptions, "unit"> = {}): Metric {
  return defineMetric("info", name, { help, ...options });
}

/** A metric with its samples. */
export function family(metric: Metric, samples: readonly MetricSample[]): MetricFamily {
  return { metric, samples };
}

/** A metric with one sample without labels; with none where nothing is known. */
export function single(metric: Metric, value: MetricSample["value"] | undefined): MetricFamily {
  return { metric, samples: value === undefined ? [] : [{ value }] };
}

/** A metric with a sample for each name, in one label; those of which nothing is known are left out. */
export function byLabel(
  metric: Metric,
  values: Readonly<Record<string, number | undefined>>,
): MetricFamily {
  const [label] = metric.labels;
  return {
    metric,
    samples: Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [{ labels: { [label!]: name }, value }]
    ),
  };
}

/** The name as queries have it; of a histogram, that without what its parts add. */
export function sampleName({ name, type }: Pick<Metric, "name" | "type">): string {
  return type === "counter" ? `${name}_total` : type === "info" ? `${name}_info` : name;
}

/**
 * The same family, when its samples are what its metric says.
 *
 * @throws {TypeError} for other labels than the metric's, the same labels twice, or values that its type does not have
 */
export function checkFamily(checked: MetricFamily): MetricFamily {
  const { metric, samples } = checked;
  const known = metric.labels.toSorted().join();
  const seen = new Set<string>();
  for (const { labels = {}, value } of samples) {
    const key = JSON.stringify(metric.labels.map((label) => labels[label]));
    const isKnown = Object.keys(labels).sort().join() === known;
    if (!isKnown || seen.has(key) || !isValue(metric.type, value)) {
      throw new TypeError(`Cannot tell the metric ${metric.name} as a sample breaks its rules`);
    }
    seen.add(key);
  }
  return checked;
}

function isValue(type: MetricType, value: MetricSample["value"]): boolean {
  if (typeof value === "number") {
    return type === "gauge" || (type === "counter" && value >= 0 && value < Infinity) ||
      (type === "info" && value === 1);
  }
  const bounds = value.buckets.map(({ upTo }) => upTo);
  return type === "histogram" && bounds.at(-1) === Infinity && value.sum >= 0 && value.sum < Infinity &&
    bounds.every((bound, at) => at === 0 || bound > bounds[at - 1]!) &&
    value.buckets.every(({ count }) => Number.isSafeInteger(count) && count >= 0);
}

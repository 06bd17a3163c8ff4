import { checkFamily, family, gauge, type Metric, type MetricFamily } from "./metric.ts";

/** Metrics as they are now, whoever asks. */
export interface MetricsSource {
  /** Never rejects for what one part of them cannot tell: `pot_scrape_error` says so. */
  read(): Promise<readonly MetricFamily[]>;
}

/** Reads metrics off something that keeps them. */
export interface MetricCollector {
  /** As `pot_scrape_error` names it. */
  readonly name: string;
  /** Asks nobody outside this machine and its database. A throw leaves out its metrics, and no others. */
  collect(): Promise<readonly MetricFamily[]>;
}

/** What a registry is made of. */
export interface MetricRegistryOptions {
  /** What is read, each on its own. */
  readonly collectors: readonly MetricCollector[];
  /** Milliseconds that go on, from any start. */
  readonly now: () => number;
  /** How long an answer stays good, so that many readers cost one. @default 2_000 */
  readonly cacheMs?: number;
  /** Runs one collector, and rejects when it takes too long. @default waits as long as it takes */
  readonly limit?: <T>(collector: string, run: () => Promise<T>) => Promise<T>;
  /** Told why a collector failed. @default nobody is told */
  readonly onError?: (collector: string, error: unknown) => void;
}

const SCRAPE_ERROR = gauge("pot_scrape_error", "1 where this part of the metrics could not be read.", {
  labels: ["collector"],
});
const SCRAPE_DURATION = gauge(
  "pot_scrape_collector_duration_seconds",
  "How long reading this part of the metrics took.",
  { unit: "seconds", labels: ["collector"] },
);

/** Metrics about the metrics. */
export const SCRAPE_METRICS: readonly Metric[] = [SCRAPE_ERROR, SCRAPE_DURATION];

/** Puts metrics together at the moment they are asked for; those who ask at once share one answer. */
export function createMetricRegistry(
  { collectors, now, cacheMs = 2_000, limit = (_, run) => run(), onError = () => {} }: MetricRegistryOptions,
): MetricsSource {
  let last:
    | { readonly atMs: number; readonly families: Promise<readonly MetricFamily[]>; isReading: boolean }
    | undefined;

  async function collect({ name, collect }: MetricCollector) {
    const startMs = now();
    try {
      const families = (await limit(name, collect)).map(checkFamily);
      return { name, families, seconds: (now() - startMs) / 1_000, isError: false };
    } catch (error) {
      onError(name, error);
      return { name, families: [], seconds: (now() - startMs) / 1_000, isError: true };
    }
  }

  async function collectAll(): Promise<readonly MetricFamily[]> {
    const parts = await Promise.all(collectors.map(collect));
    const taken = new Set<string>(SCRAPE_METRICS.map(({ name }) => name));
    const told = parts.map((part) => {
      const isRepeated = part.families.some(({ metric }, at) =>
        taken.has(metric.name) || part.families.findIndex((other) => other.metric.name === metric.name) < at
      );
      if (isRepeated) {
        onError(
          part.name,
          new TypeError(`Cannot tell the metrics of ${part.name} as a name is there already`),
        );
        return { ...part, families: [], isError: true };
      }
      for (const { metric } of part.families) taken.add(metric.name);
      return part;
    });
    const samplesOf = (value: (part: typeof told[number]) => number) =>
      told.map((part) => ({ labels: { collector: part.name }, value: value(part) }));
    return [
      ...told.flatMap(({ families }) => families),
      family(SCRAPE_ERROR, samplesOf(({ isError }) => isError ? 1 : 0)),
      family(SCRAPE_DURATION, samplesOf(({ seconds }) => Math.max(0, seconds))),
    ];
  }

  return {
    read() {
      const atMs = now();
      const isGood = last !== undefined && atMs >= last.atMs && atMs - last.atMs <= cacheMs;
      if (last === undefined || !(isGood || last.isReading)) {
        const reading = { atMs, families: collectAll(), isReading: true };
        reading.families.finally(() => reading.isReading = false);
        last = reading;
      }
      return last.families;
    },
  };
}

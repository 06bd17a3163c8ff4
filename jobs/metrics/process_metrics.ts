import {
  counter,
  family,
  gauge,
  info,
  type Metric,
  type MetricFamily,
  single,
} from "../../lib/core/metrics/metric.ts";

const BUILD = info("pot_build", "Version of pot, and of Deno below it.", { labels: ["version", "deno"] });
const START = gauge("process_start_time_seconds", "When this process began, Unix time.", { unit: "seconds" });
const RESIDENT = gauge("process_resident_memory_bytes", "Memory of this process.", { unit: "bytes" });
const HEAP = gauge("process_heap_bytes", "Heap of JavaScript in use.", { unit: "bytes" });
const CPU = counter("process_cpu_seconds", "Processor time of this process.", { unit: "seconds" });
const LEADING = gauge("pot_daemon_leading", "1 where this daemon acts, 0 where it stands by for another.");

/** What runs. */
export const PROCESS_METRICS: readonly Metric[] = [BUILD, START, RESIDENT, HEAP, CPU, LEADING];

/** Which program this is. */
export function buildFamilies(
  versions: { readonly version: string; readonly deno: string },
): readonly MetricFamily[] {
  return [family(BUILD, [{ labels: { ...versions }, value: 1 }])];
}

/** A process as it is. */
export interface ProcessFacts {
  readonly startedAtMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
  /** It is the one of several daemons that acts. */
  readonly isLeading: boolean;
}

/** The process that answers. */
export function processFamilies(
  { startedAtMs, residentBytes, heapBytes, cpuSeconds, isLeading }: ProcessFacts,
): readonly MetricFamily[] {
  return [
    single(START, startedAtMs / 1_000),
    single(RESIDENT, residentBytes),
    single(HEAP, heapBytes),
    single(CPU, cpuSeconds),
    single(LEADING, isLeading ? 1 : 0),
  ];
}

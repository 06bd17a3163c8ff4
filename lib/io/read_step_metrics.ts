import type { MetricValue } from "../core/record.ts";

/** What a trainer's metrics file says about some steps. */
export interface StepMetrics {
  /** By step, as text. */
  readonly bySteps: ReadonlyMap<string, Readonly<Record<string, MetricValue>>>;
  /** Lines that are no JSON object. */
  readonly badLineCount: number;
}

/** Longer lines are counted as bad, not kept. */
const MAX_LINE = 1_048_576;
const MAX_METRICS = 1_000;
const MAX_NAME = 128;
/** Fields that say where in the run a line belongs. */
const PLACES = new Set(["step", "global_step", "epoch"]);

/**
 * Reads a JSON lines file as trainers write it, one object a line: `step` (or `global_step`), and metrics either in `metrics` or as
 * fields beside it. Python's bare `NaN` and `Infinity` are understood. Lines of one step are put together, later values win. A last line
 * without its newline is still being written and left out; a file that is not there yet has no lines.
 */
export async function readStepMetrics(path: string, steps: ReadonlySet<string>): Promise<StepMetrics> {
  const bySteps = new Map<string, Record<string, MetricValue>>();
  let badLineCount = 0;
  for await (const line of readLines(path)) {
    const fields = line === undefined ? undefined : parseLine(line);
    if (fields === undefined) {
      if (line === undefined || line.trim() !== "") badLineCount++;
      continue;
    }
    const step = String(fields["step"] ?? fields["global_step"]);
    if (!steps.has(step)) continue;
    const known = bySteps.get(step) ?? {};
    for (const [name, value] of metricsOf(fields)) {
      if (Object.keys(known).length < MAX_METRICS || Object.hasOwn(known, name)) known[name] = value;
    }
    bySteps.set(step, known);
  }
  return { bySteps, badLineCount };
}

/** Whole lines; `undefined` for one that is too long. */
async function* readLines(path: string): AsyncGenerator<string | undefined> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  let rest = "";
  let isTooLong = false;
  for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      yield isTooLong || line.length > MAX_LINE ? undefined : line;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE) {
      isTooLong = true;
      rest = "";
    }
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  const value = tryParse(line) ??
    tryParse(line.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"'));
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function metricsOf(fields: Readonly<Record<string, unknown>>): readonly (readonly [string, MetricValue])[] {
  const { metrics } = fields;
  const isNested = typeof metrics === "object" && metrics !== null && !Array.isArray(metrics);
  const entries = Object.entries(isNested ? metrics : fields);
  return entries.filter((entry): entry is [string, MetricValue] =>
    (isNested || !PLACES.has(entry[0])) && entry[0] !== "__proto__" && isMetricName(entry[0]) &&
    isMetric(entry[1])
  );
}

function isMetricName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME && name.isWellFormed() && !/\p{Cc}/u.test(name);
}

function isMetric(value: unknown): value is MetricValue {
  if (typeof value !== "number") return value === "NaN" || value === "Infinity" || value === "-Infinity";
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

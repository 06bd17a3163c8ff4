import { parseEvent } from "../lib/core/parse_event.ts";
import type { RecordEvent } from "../lib/core/record.ts";
import type { GlobalOptions } from "./global_options.ts";
import { parseMetrics, parseParameters } from "./parse_pair.ts";

/** The options that `pot record checkpoint` and `pot record validation` share, as the command line gives them. */
export interface EventOptions extends GlobalOptions {
  run: string;
  step?: string;
  epoch?: number;
  model?: string;
  metric?: string[];
  parameter?: string[];
  seed?: string;
  datasetDigest?: string;
  occurredAt?: string;
}

/**
 * The event those options describe, checked: before a long hashing starts, not after it.
 *
 * @throws {UsageError} naming the first field that is wrong and what it should look like.
 */
export function parseEventOptions(kind: RecordEvent["kind"], options: EventOptions): RecordEvent {
  const { run, step, epoch, model, metric, parameter, seed, datasetDigest, occurredAt } = options;
  return parseEvent({
    kind,
    runId: run,
    ...(model === undefined ? {} : { modelId: model }),
    ...(step === undefined ? {} : { step: wholeNumber(step) }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(metric === undefined ? {} : { metrics: parseMetrics(metric) }),
    ...(parameter === undefined ? {} : { parameters: parseParameters(parameter) }),
    ...(seed === undefined ? {} : { seed: wholeNumber(seed) }),
    ...(datasetDigest === undefined ? {} : { dataset: { digest: datasetDigest } }),
    ...(occurredAt === undefined ? {} : { occurredAt }),
  });
}

/** A number where it is a safe integer; the text itself otherwise, as records hold larger ones as text. */
function wholeNumber(text: string): number | string {
  return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

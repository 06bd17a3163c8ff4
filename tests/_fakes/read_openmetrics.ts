/** A sample as a reader understands it. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric family as a reader understands it. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly ReadSample[];
}

/** Suffixes that samples of a type may have (OpenMetrics 1.0, § MetricFamily). */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  info: ["_info"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
};
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Inf|NaN)$/;

/**
 * Reads OpenMetrics 1.0 as strictly as its text asks, written from the specification and not from the writer.
 *
 * @throws {Error} naming the line that breaks a rule
 */
export function readOpenMetrics(text: string): readonly ReadFamily[] {
  if (!text.endsWith("# EOF\n")) throw new Error("does not end with # EOF and a line feed");
  const lines = text.slice(0, -"# EOF\n".length).split("\n");
  if (lines.pop() !== "") throw new Error("a line is not ended by a line feed");
  const families = new Map<string, { type: string; help: string; unit: string; samples: ReadSample[] }>();
  let current: string | undefined;
  for (const line of lines) {
    const [, keyword, name, rest] = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      if (name !== current) {
        if (families.has(name!)) throw new Error(`the family ${name} is interleaved: ${line}`);
        families.set(name!, { type: "", help: "", unit: "", samples: [] });
        current = name;
      }
      const described = families.get(name!)!;
      const field = keyword === "HELP" ? "help" : keyword === "TYPE" ? "type" : "unit";
      if (described[field] !== "" || described.samples.length > 0) {
        throw new Error(`metadata twice, or late: ${line}`);
      }
      described[field] = keyword === "HELP" ? unescape(rest!, line) : rest!;
      if (keyword === "TYPE" && !(rest! in SUFFIXES)) throw new Error(`no such type: ${line}`);
      if (keyword === "UNIT" && !name!.endsWith(`_${rest}`)) {
        throw new Error(`the unit is no suffix: ${line}`);
      }
      continue;
    }
    const sample = readSample(line);
    const owner = current === undefined ? undefined : families.get(current);
    const suffix = owner === undefined
      ? undefined
      : SUFFIXES[owner.type]?.find((end) => sample.name === current + end);
    if (owner === undefined || suffix === undefined) throw new Error(`a sample of no family: ${line}`);
    if (owner.type === "info" && (sample.value !== 1 || owner.unit !== "")) {
      throw new Error(`an info: ${line}`);
    }
    if (suffix !== "" && suffix !== "_info" && !(sample.value >= 0)) {
      throw new Error(`it cannot be negative: ${line}`);
    }
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    const isTwice = owner.samples.some((other) =>
      JSON.stringify([other.name, Object.entries(other.labels).sort()]) === key
    );
    if (isTwice) throw new Error(`the same series twice: ${line}`);
    owner.samples.push(sample);
  }
  for (const [name, { type, samples }] of families) if (type === "histogram") checkBuckets(name, samples);
  return [...families].map(([name, rest]) => ({ name, ...rest }));
}

/** Reads one line of either format. */
export function readSample(line: string): ReadSample {
  const [, name, labelText, valueText] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(valueText!)) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let left = labelText ?? "";
  while (left !== "") {
    const found = /^([a-zA-Z_]\w*)="((?:\\[\\"n]|[^\\"\n])*)"(,(?=.)|$)/s.exec(left);
    if (found === null || found[1]! in labels) throw new Error(`labels: ${line}`);
    labels[found[1]!] = unescape(found[2]!, line);
    left = left.slice(found[0].length);
  }
  return { name, labels, value: Number(valueText!.replace("Inf", "Infinity")) };
}

function unescape(text: string, line: string): string {
  return text.replaceAll(/\\(.)/gs, (_, escaped) => {
    if (escaped === "n") return "\n";
    if (escaped === "\\" || escaped === '"') return escaped;
    throw new Error(`no such escape: ${line}`);
  });
}

/** Cumulative, in order, the last one infinite and equal to the count. */
function checkBuckets(name: string, samples: readonly ReadSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.le!.replace("+Inf", "Infinity")));
    const isOrdered = buckets.every(({ value, labels }, at) =>
      (at === 0 || (bounds[at]! > bounds[at - 1]! && value >= buckets[at - 1]!.value)) &&
      /^(?:\+Inf|.*[.e].*)$/.test(labels.le!)
    );
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (!isOrdered || bounds.at(-1) !== Infinity || count !== buckets.at(-1)!.value) {
      throw new Error(`the buckets of ${name} break the rules`);
    }
  }
}

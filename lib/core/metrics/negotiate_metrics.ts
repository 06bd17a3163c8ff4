import type { MetricsFormat } from "./format_metrics.ts";

interface MediaRange {
  readonly type: string;
  readonly version: string | undefined;
  readonly q: number;
}

/** Versions of each format that a reader may ask for; none asks for any. */
const OFFERS: Readonly<Record<MetricsFormat, { readonly type: string; readonly version: string }>> = {
  prometheus: { type: "text/plain", version: "0.0.4" },
  openmetrics: { type: "application/openmetrics-text", version: "1.0.0" },
};

/** No reader's header is longer; taking one apart takes time that grows with its square. */
const LONGEST = 4_000;

/**
 * The format that a reader prefers, by its Accept header (RFC 9110 §12.5.1). OpenMetrics goes only to whoever names it, and wins
 * then where both are as welcome; whoever accepts neither gets Prometheus text all the same, as a person with a browser might.
 */
export function negotiateMetrics(accept: string | undefined): MetricsFormat {
  const ranges = parseAccept(accept === undefined || accept.length > LONGEST ? "" : accept);
  const openmetrics = weigh(ranges, "openmetrics");
  return openmetrics.isNamed && openmetrics.q > 0 && openmetrics.q >= weigh(ranges, "prometheus").q
    ? "openmetrics"
    : "prometheus";
}

/** How welcome a format is: what the most specific range that covers it says. */
function weigh(ranges: readonly MediaRange[], format: MetricsFormat): { q: number; isNamed: boolean } {
  const { type, version } = OFFERS[format];
  const [group] = type.split("/");
  const steps: readonly ((range: MediaRange) => boolean)[] = [
    (range) => range.type === type && range.version === version,
    (range) => range.type === type && range.version === undefined,
    (range) => range.type === `${group}/*`,
    (range) => range.type === "*/*",
  ];
  for (const [step, covers] of steps.entries()) {
    const found = ranges.filter(covers);
    if (found.length > 0) return { q: Math.max(...found.map(({ q }) => q)), isNamed: step < 2 };
  }
  return { q: 0, isNamed: false };
}

/** A range that is malformed is none. */
function parseAccept(header: string): readonly MediaRange[] {
  return splitOutsideQuotes(header, ",").flatMap((part) => {
    const [type = "", ...parameters] = splitOutsideQuotes(part, ";").map((text) => text.trim());
    const values = new Map(parameters.map((parameter) => {
      const [name = "", ...value] = parameter.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim().replace(/^"(.*)"$/, "$1")];
    }));
    const q = values.get("q") ?? "1";
    if (!/^[^\s/]+\/[^\s/]+$/.test(type) || !/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q)) return [];
    return [{ type: type.toLowerCase(), version: values.get("version"), q: Number(q) }];
  });
}

function splitOutsideQuotes(text: string, separator: "," | ";"): readonly string[] {
  return text.match(
    separator === "," ? /(?:"(?:\\.|[^"\\])*"|[^,"]|")+/g : /(?:"(?:\\.|[^"\\])*"|[^;"]|")+/g,
  ) ?? [];
}

/**
 * What a person should know of OpenTelemetry as it is switched on: Deno writes whole URLs into spans, API keys in them included, and
 * sends them off past everything that hides secrets here. `undefined` while no spans are sent.
 */
export function telemetryNotice(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { OTEL_DENO = "", OTEL_DENO_TRACING = "", OTEL_SDK_DISABLED = "" } = env;
  // Deno takes only these two words, in either case; anything else is as if it were not set.
  const says = (value: string, word: "true" | "false") => value.toLowerCase() === word;
  const isOn = says(OTEL_DENO, "true") && !says(OTEL_SDK_DISABLED, "true") &&
    !says(OTEL_DENO_TRACING, "false");
  return isOn
    ? "OpenTelemetry sends spans with whole URLs, API keys in them included: set OTEL_DENO_TRACING=false unless the collector may have those"
    : undefined;
}

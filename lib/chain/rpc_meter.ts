/** Counts what a process asks of its endpoints. */
export interface RpcMeter {
  /** Counts one call; what `EndpointPoolOptions.onCall` takes. */
  readonly count: (endpoint: string, method: string) => void;
  /** Counts one request without a proper answer; what `EndpointPoolOptions.onFailure` takes. */
  readonly countFailure: (endpoint: string) => void;
  /** Calls since the start by endpoint and method. */
  totals(): readonly { readonly endpoint: string; readonly calls: Readonly<Record<string, number>> }[];
  /** Requests without a proper answer since the start, by endpoint. */
  failures(): Readonly<Record<string, number>>;
}

/** Makes a meter, for one or several endpoint pools. */
export function createRpcMeter(): RpcMeter {
  const endpoints = new Map<string, Map<string, number>>();
  const failures = new Map<string, number>();
  return {
    count(endpoint, method) {
      const calls = endpoints.get(endpoint) ?? new Map<string, number>();
      endpoints.set(endpoint, calls);
      calls.set(method, (calls.get(method) ?? 0) + 1);
    },
    countFailure: (endpoint) => failures.set(endpoint, (failures.get(endpoint) ?? 0) + 1),
    failures: () => Object.fromEntries(failures),
    totals: () => [...endpoints].map(([endpoint, calls]) => ({ endpoint, calls: Object.fromEntries(calls) })),
  };
}

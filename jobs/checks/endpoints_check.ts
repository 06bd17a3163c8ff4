import type { EndpointProbe } from "../../lib/chain/probe_endpoint.ts";
import type { Check, Seeing } from "./check.ts";

/** What the endpoints are held against. */
export interface EndpointsCheckOptions {
  /** Asks one endpoint, by its position in order of preference. */
  readonly probes: readonly ((options: { readonly signal: AbortSignal }) => Promise<EndpointProbe>)[];
  /** EIP-155; what every endpoint has to serve. */
  readonly chainId: number;
  /** Endpoints that must agree before a state becomes final. */
  readonly finalQuorum: number;
  /** An older newest block is stale. */
  readonly maxHeadAgeSeconds: number;
}

/** Blocks that an endpoint may be behind the best one: blocks travel, and the endpoints are not asked at one moment. */
const MAX_LAG_BLOCKS = 5n;
/** Answers that the 95th percentile is taken of: an hour at one look a minute. */
const KEPT_LATENCIES = 60;

interface Judged {
  readonly seeing: Seeing;
  readonly isUsable: boolean;
}

/**
 * Looks at each endpoint by itself, called `endpoint-1` and so on in order of preference: `failed` where it gives no answer or
 * serves another chain, `degraded` where it lags behind the best or its newest block is old. Also whether enough of them are usable
 * for a quorum (`quorum`); of a chain that makes no blocks that is `degraded`, as its endpoints answer and agree.
 */
export function endpointsCheck(
  { probes, chainId, finalQuorum, maxHeadAgeSeconds }: EndpointsCheckOptions,
): Check {
  const latencies = probes.map((): number[] => []);

  function judge(probe: EndpointProbe, index: number, bestHead: bigint): Judged {
    const { endpoint, failure, headNumber, headAgeSeconds, latencyMs } = probe;
    const subject = `endpoint-${index + 1}`;
    const details = { address: endpoint };
    if (failure !== undefined || headNumber === undefined) {
      return {
        isUsable: false,
        seeing: { subject, status: "failed", reason: failure ?? "no head", details },
      };
    }
    if (probe.chainId !== BigInt(chainId)) {
      const reason = `serves chain id ${probe.chainId}, not ${chainId}`;
      return { isUsable: false, seeing: { subject, status: "failed", reason, details } };
    }
    const lag = bestHead - headNumber;
    const age = headAgeSeconds ?? 0;
    const recent = latencies[index]!;
    if (latencyMs !== undefined) recent.push(latencyMs);
    if (recent.length > KEPT_LATENCIES) recent.shift();
    const complaint = lag > MAX_LAG_BLOCKS
      ? `${lag} blocks behind the best endpoint`
      : age > maxHeadAgeSeconds
      ? `its newest block is ${age} s old`
      : undefined;
    return {
      isUsable: complaint === undefined,
      seeing: {
        subject,
        status: complaint === undefined ? "ok" : "degraded",
        reason: complaint ?? `block ${headNumber}`,
        values: {
          headNumber: Number(headNumber),
          lagBlocks: Number(lag),
          headAgeSeconds: age,
          ...(latencyMs === undefined ? {} : { latencyMs, p95Ms: percentile95(recent) }),
        },
        details,
      },
    };
  }

  return {
    name: "endpoint",
    async look(options) {
      const seen = await Promise.all(probes.map((probe) => probe(options)));
      const heads = seen.flatMap(({ headNumber, chainId: id }) =>
        headNumber !== undefined && id === BigInt(chainId) ? [headNumber] : []
      );
      const best = heads.reduce((most, head) => (head > most ? head : most), 0n);
      const judged = seen.map((probe, index) => judge(probe, index, best));
      const usable = judged.filter(({ isUsable }) => isUsable).length;
      const needed = Math.max(1, finalQuorum);
      // The best of those that answer is behind nobody, so its newest block is old.
      const isStill = usable === 0 && heads.length > 0;
      const isMute = seen.every(({ failure }) => failure !== undefined);
      const quorum: Seeing = {
        check: "quorum",
        status: usable >= needed ? "ok" : usable === 0 && !isStill ? "failed" : "degraded",
        reason: isMute
          ? "no endpoint answers"
          : isStill
          ? "the chain stands still: no endpoint has a new block"
          : `${usable} of ${probes.length} endpoints are usable, ${needed} needed`,
        values: { healthyCount: usable, neededCount: needed },
      };
      return [...judged.map(({ seeing }) => seeing), quorum];
    },
  };
}

function percentile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1]!;
}

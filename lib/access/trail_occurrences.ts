import type { Occurrence } from "../core/observation.ts";
import type { TrailLine } from "./trail_line.ts";

/** A failed authentication that a burst may begin with. */
export interface RecentFailure {
  readonly source: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly count: number;
}

/** So many failures from one source within the window are a burst. */
export const BURST_FAILURES = 10;
/** Five minutes. */
export const BURST_WINDOW_MS = 5 * 60_000;
/** Failures that are remembered; the oldest go first. */
const MOST_RECENT = 1_000;

/**
 * What lines of an audit trail have to say that an alert can be made of: refused permissions (`permission-refused`), failed
 * authentications (`authentication-failed`), and many of these from one source in a short time (`authentication-burst`). Ids
 * follow from the lines, so that reading one twice tells nothing twice. `recent` is what earlier lines left behind.
 */
export function trailOccurrences(
  lines: readonly TrailLine[],
  recent: readonly RecentFailure[] = [],
): { readonly occurrences: readonly Occurrence[]; readonly recent: readonly RecentFailure[] } {
  const occurrences: Occurrence[] = [];
  let failures = [...recent];
  for (const line of lines) {
    if (line.outcome !== "refused") continue;
    const atMs = Date.parse(line.at);
    if (line.verb !== "authenticate") {
      occurrences.push(permissionRefused(line, atMs));
      continue;
    }
    occurrences.push(authenticationFailed(line, atMs));
    const source = sourceOf(line);
    failures.push({ source, sequence: line.sequence, atMs, count: line.count ?? 1 });
    const burst = failures.filter((one) => one.source === source && one.atMs > atMs - BURST_WINDOW_MS);
    const count = burst.reduce((sum, one) => sum + one.count, 0);
    if (count < BURST_FAILURES) continue;
    const first = burst[0]!;
    occurrences.push({
      id: `authentication-burst:${first.sequence}:${first.atMs}`,
      name: "authentication-burst",
      subject: source,
      detail: `${count} access tokens from ${source} were not accepted within ${
        Math.max(1, Math.ceil((atMs - first.atMs) / 60_000))
      } min`,
      atMs,
    });
    // The next burst begins anew.
    failures = failures.filter((one) => one.source !== source);
  }
  return { occurrences, recent: failures.slice(-MOST_RECENT) };
}

function permissionRefused(line: TrailLine, atMs: number): Occurrence {
  const { principal, verb, subject, count = 1 } = line;
  const times = count === 1 ? "" : `, ${count} times`;
  return {
    id: `permission-refused:${line.sequence}:${atMs}`,
    name: "permission-refused",
    subject: principal.name,
    detail: `${principal.name} (${principal.role ?? "no role"}) was refused ${verb}${
      subject === "" ? "" : ` (${subject})`
    }${times}`,
    atMs,
  };
}

function authenticationFailed(line: TrailLine, atMs: number): Occurrence {
  const { principal: { tokenId }, subject, count = 1 } = line;
  const what = count === 1 ? "an access token was" : `${count} access tokens were`;
  return {
    id: `authentication-failed:${line.sequence}:${atMs}`,
    name: "authentication-failed",
    subject: sourceOf(line),
    detail: `${what} not accepted: ${subject}${tokenId === undefined ? "" : `, token id ${tokenId}`}`,
    atMs,
  };
}

/** `revoked from 192.0.2.7` is from there. */
function sourceOf({ subject }: TrailLine): string {
  const at = subject.indexOf(" from ");
  return at < 0 ? "unknown" : subject.slice(at + " from ".length);
}

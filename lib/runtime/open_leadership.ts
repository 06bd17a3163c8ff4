import type { Clock } from "../core/clock.ts";
import { type Leadership, soleLeadership } from "../io/leadership.ts";
import type { Config } from "./config.ts";

/** Who acts where several daemons share a log: in PostgreSQL whoever holds its lock; on a home folder of its own the only one there is. */
export async function openLeadership(
  { logUrl }: Pick<Config, "logUrl">,
  { clock }: { readonly clock: Clock },
): Promise<Leadership> {
  if (logUrl === undefined) return soleLeadership;
  return (await import("../log/postgres_leader.ts")).createPostgresLeadership(logUrl, { clock });
}

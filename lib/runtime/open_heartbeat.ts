import type { Delivery } from "../alerts/alert_channel.ts";
import { sendHeartbeat } from "../alerts/heartbeat.ts";
import type { Config } from "./config.ts";
import { pinCertificates } from "./pin_certificates.ts";
import { readSecret } from "./read_secret.ts";

/**
 * What pings the dead-man URL of a configuration; `undefined` where it has none. Nothing is sent yet.
 *
 * @throws {UsageError} when the file that holds the URL cannot be read or holds none
 */
export async function openHeartbeat(
  { alerting: { heartbeatUrl } = {}, caFile, redactor }: Pick<Config, "alerting" | "caFile" | "redactor">,
): Promise<((options: { readonly signal: AbortSignal }) => Promise<Delivery>) | undefined> {
  if (heartbeatUrl === undefined) return undefined;
  if (caFile !== undefined) await pinCertificates(caFile);
  const url = await readSecret(heartbeatUrl);
  redactor?.learn([url]);
  return ({ signal }) => sendHeartbeat(url, { signal });
}

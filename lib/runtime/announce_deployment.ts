import type { Delivery } from "../alerts/alert_channel.ts";
import type { DeployResult } from "../chain/deploy_contract.ts";
import type { Clock } from "../core/clock.ts";
import type { Config } from "./config.ts";
import { alertSource } from "./open_alert_channels.ts";
import { pinCertificates } from "./pin_certificates.ts";
import { readSecret } from "./read_secret.ts";

/**
 * Tells PagerDuty of a deployment, as a change event: it pages nobody, and stands beside incidents that follow. `undefined` where
 * PagerDuty is not configured, or nothing was deployed.
 *
 * @throws {UsageError} when the file with the integration key cannot be read
 */
export async function announceDeployment(
  config: Pick<Config, "alerting" | "caFile" | "redactor">,
  { deployment, isNew }: Pick<DeployResult, "deployment" | "isNew">,
  { clock, signal }: { readonly clock: Pick<Clock, "now">; readonly signal: AbortSignal },
): Promise<Delivery | undefined> {
  const { alerting: { pagerduty } = {}, caFile, redactor } = config;
  if (pagerduty === undefined || !isNew) return undefined;
  if (caFile !== undefined) await pinCertificates(caFile);
  const { routingKey: secret, url } = pagerduty;
  const routingKey = await readSecret(secret);
  redactor?.learn([routingKey]);
  const { sendChangeEvent } = await import("../alerts/pagerduty_events.ts");
  const { contractAddress, chainId, transactionHash } = deployment;
  return await sendChangeEvent({
    summary: `contract ${contractAddress} deployed on chain ${chainId}`,
    source: alertSource(config),
    timestamp: new Date(clock.now()).toISOString(),
    details: {
      contract: contractAddress,
      chainId: String(chainId),
      ...(transactionHash === undefined ? {} : { transaction: transactionHash }),
    },
  }, { routingKey, signal, ...(url === undefined ? {} : { url }) });
}

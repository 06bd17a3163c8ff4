import type { AlertChannel } from "../alerts/alert_channel.ts";
import { parseSmtpUrl } from "../alerts/smtp_url.ts";
import type { Clock } from "../core/clock.ts";
import type { AlertingConfig, SecretConfig } from "./alerting_config.ts";
import type { Config } from "./config.ts";
import { pinCertificates } from "./pin_certificates.ts";
import { readSecret } from "./read_secret.ts";

/** What opening channels needs of a configuration. */
export type AlertingSources = Pick<Config, "alerting" | "caFile" | "redactor">;

/**
 * Every channel that is configured, in the order `slack`, `slack-webhook`, `pagerduty`, `email`, `webhook`; nothing is sent.
 * Secrets that were read from files are made known to the redactor.
 *
 * @throws {UsageError} when a file that holds a secret cannot be read or holds none
 */
export async function openAlertChannels(
  { alerting = {}, caFile, redactor }: AlertingSources,
  { clock }: { readonly clock: Pick<Clock, "now"> },
): Promise<readonly AlertChannel[]> {
  if (caFile !== undefined) await pinCertificates(caFile);
  const read = async (secret: SecretConfig) => {
    const text = await readSecret(secret);
    redactor?.learn([text]);
    return text;
  };
  const opened: AlertChannel[] = [];
  // A channel's module is loaded where it is used.
  for (const open of OPENERS) {
    const channel = await open(alerting, { read, clock, ...(caFile === undefined ? {} : { caFile }) });
    if (channel !== undefined) opened.push(channel);
  }
  return opened;
}

interface OpenContext {
  readonly read: (secret: SecretConfig) => Promise<string>;
  readonly clock: Pick<Clock, "now">;
  readonly caFile?: string;
}

const OPENERS: readonly ((
  alerting: AlertingConfig,
  context: OpenContext,
) => Promise<AlertChannel | undefined>)[] = [
  async ({ slack }, { read }) => {
    if (slack === undefined) return undefined;
    const { createSlackChannel } = await import("../alerts/slack_channel.ts");
    return createSlackChannel({ ...slack, token: await read(slack.token) });
  },
  async ({ slackWebhook }, { read }) => {
    if (slackWebhook === undefined) return undefined;
    const { createSlackWebhookChannel } = await import("../alerts/slack_webhook_channel.ts");
    return createSlackWebhookChannel({ ...slackWebhook, url: await read(slackWebhook.url) });
  },
  async ({ pagerduty }, { read }) => {
    if (pagerduty === undefined) return undefined;
    const { createPagerDutyChannel } = await import("../alerts/pagerduty_channel.ts");
    return createPagerDutyChannel({ ...pagerduty, routingKey: await read(pagerduty.routingKey) });
  },
  async ({ email }, { read, caFile }) => {
    if (email === undefined) return undefined;
    const { createEmailChannel } = await import("../alerts/email_channel.ts");
    return createEmailChannel({
      ...email,
      server: parseSmtpUrl(await read(email.server))!,
      // Node's TLS, which mails go through, does not look where pinned authorities are for the rest.
      ...(caFile === undefined ? {} : { certificateAuthorities: [await Deno.readTextFile(caFile)] }),
    });
  },
  async ({ webhook }, { read, clock }) => {
    if (webhook === undefined) return undefined;
    const { createWebhookChannel } = await import("../alerts/webhook_channel.ts");
    const { url, secret, minSeverity } = webhook;
    return createWebhookChannel({ url: await read(url), secret: await read(secret), minSeverity, clock });
  },
];

/** Who tells: the installation's name and this machine's, such as `pot-prod@host-1`; the name alone where the other may not be asked for. */
export function alertSource({ alerting: { source = "pot" } = {} }: Pick<Config, "alerting">): string {
  try {
    return `${source}@${Deno.hostname()}`;
  } catch {
    return source;
  }
}

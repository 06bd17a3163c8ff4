import { isAbsolute, join } from "node:path";
import type { AlertingConfig, SecretConfig } from "./alerting_config.ts";
import type { ReadSettings } from "./read_settings.ts";
import { type SettingName, SETTINGS } from "./settings.ts";

/** The settings that are secrets of a channel; each has a twin `…File`. */
type SecretName =
  | "slackToken"
  | "slackWebhookUrl"
  | "pagerdutyKey"
  | "smtpUrl"
  | "alertWebhookUrl"
  | "alertWebhookSecret"
  | "heartbeatUrl";

/** Which settings a channel cannot do without, in words for the one that is missing. */
const TOGETHER: readonly (readonly (SecretName | "slackChannel" | "alertEmailFrom" | "alertEmailTo")[])[] = [
  ["slackToken", "slackChannel"],
  ["smtpUrl", "alertEmailFrom", "alertEmailTo"],
  ["alertWebhookUrl", "alertWebhookSecret"],
];

/** Where alerts go: a channel that is configured by half is a mistake, one that is not is left out. */
export function parseAlerting(
  { values, names }: Pick<ReadSettings, "values" | "names">,
  { folder }: { /** Where relative paths start. Absolute. */ readonly folder: string },
  mistakes: string[],
): { readonly alerting?: AlertingConfig } {
  const nameOf = (name: SettingName): string | undefined => {
    const twin = `${name}File`;
    return names[name] ?? (Object.hasOwn(SETTINGS, twin) ? names[twin as SettingName] : undefined);
  };
  const secretOf = (name: SecretName): SecretConfig | undefined => {
    const text = values[name];
    if (text !== undefined) return { text };
    const file = values[`${name}File`];
    return file === undefined
      ? undefined
      : { file: isAbsolute(file) ? file : join(folder, file), setting: name };
  };

  for (const name of SECRETS) {
    const twin = names[`${name}File`];
    if (names[name] !== undefined && twin !== undefined) {
      mistakes.push(`${names[name]} and ${twin} must not be given together: which of them counts?`);
    }
  }
  for (const needed of TOGETHER) {
    const given = needed.filter((name) => nameOf(name) !== undefined);
    if (given.length === 0) continue;
    for (const name of needed.filter((name) => nameOf(name) === undefined)) {
      mistakes.push(`${spelling(name)} must be given where ${given.map(nameOf).join(" and ")} is`);
    }
  }

  const { slackChannel: channel, slackApiUrl, slackSeverity = "info", pagerdutyUrl } = values;
  const { alertEmailFrom: from, alertEmailTo: to, alertSource: source } = values;
  const token = secretOf("slackToken");
  const slackWebhook = secretOf("slackWebhookUrl");
  const routingKey = secretOf("pagerdutyKey");
  const server = secretOf("smtpUrl");
  const url = secretOf("alertWebhookUrl");
  const secret = secretOf("alertWebhookSecret");
  const heartbeatUrl = secretOf("heartbeatUrl");
  const alerting: AlertingConfig = {
    ...(source === undefined ? {} : { source }),
    ...(token === undefined || channel === undefined ? {} : {
      slack: {
        token,
        channel,
        minSeverity: slackSeverity,
        ...(slackApiUrl === undefined ? {} : { apiUrl: slackApiUrl }),
      },
    }),
    ...(slackWebhook === undefined
      ? {}
      : { slackWebhook: { url: slackWebhook, minSeverity: slackSeverity } }),
    ...(routingKey === undefined ? {} : {
      pagerduty: {
        routingKey,
        // It wakes people.
        minSeverity: values.pagerdutySeverity ?? "critical",
        ...(pagerdutyUrl === undefined ? {} : { url: pagerdutyUrl }),
      },
    }),
    ...(server === undefined || from === undefined || to === undefined
      ? {}
      : { email: { server, from, to, minSeverity: values.alertEmailSeverity ?? "info" } }),
    ...(url === undefined || secret === undefined
      ? {}
      : { webhook: { url, secret, minSeverity: values.alertWebhookSeverity ?? "info" } }),
    ...(heartbeatUrl === undefined ? {} : { heartbeatUrl }),
  };
  return Object.keys(alerting).length === 0 ? {} : { alerting };
}

const SECRETS: readonly SecretName[] = [
  "slackToken",
  "slackWebhookUrl",
  "pagerdutyKey",
  "smtpUrl",
  "alertWebhookUrl",
  "alertWebhookSecret",
  "heartbeatUrl",
];

/** How a setting that was not given would be called. */
function spelling(name: SettingName): string {
  const { env: [variable], key } = SETTINGS[name];
  return key === undefined ? variable! : `${variable} (or ${key} in pot.jsonc)`;
}

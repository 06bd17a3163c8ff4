import { parseSmtpUrl, SMTP_URL_FORM } from "../../alerts/smtp_url.ts";
import { SEVERITIES, type Severity } from "../../alerts/severity.ts";
import { allowedUrl, matching, oneOf, type Setting, type SettingTable } from "./setting.ts";

/** Where alerts go: what each text becomes. Every secret may stand in a file instead, whose name the setting `…File` gives. */
export interface AlertSettings {
  /** Who tells. */
  alertSource: string;
  /** Secret: a bot token. */
  slackToken: string;
  /** The file that holds it. */
  slackTokenFile: string;
  /** A channel's id or name. */
  slackChannel: string;
  /** HTTPS, loopback excepted. */
  slackApiUrl: string;
  /** Secret: an incoming webhook. */
  slackWebhookUrl: string;
  /** The file that holds it. */
  slackWebhookUrlFile: string;
  /** The least that either way to Slack is told. */
  slackSeverity: Severity;
  /** Secret: an integration key, 32 characters. */
  pagerdutyKey: string;
  /** The file that holds it. */
  pagerdutyKeyFile: string;
  /** HTTPS, loopback excepted. */
  pagerdutyUrl: string;
  /** The least that it is told. */
  pagerdutySeverity: Severity;
  /** Secret: a mail server's URL, with user and password. */
  smtpUrl: string;
  /** The file that holds it. */
  smtpUrlFile: string;
  /** An address. */
  alertEmailFrom: string;
  /** Addresses, at least one. */
  alertEmailTo: readonly string[];
  /** The least that it is told. */
  alertEmailSeverity: Severity;
  /** Secret; HTTPS, loopback excepted. */
  alertWebhookUrl: string;
  /** The file that holds it. */
  alertWebhookUrlFile: string;
  /** Secret: what the receiver checks signatures with. */
  alertWebhookSecret: string;
  /** The file that holds it. */
  alertWebhookSecretFile: string;
  /** The least that it is told. */
  alertWebhookSeverity: Severity;
  /** Secret; HTTPS, loopback excepted. */
  heartbeatUrl: string;
  /** The file that holds it. */
  heartbeatUrlFile: string;
}

const HTTPS_URL = "an https:// URL (http:// only to this machine)";
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

function secretUrl(variable: string): Setting<string> {
  return { env: [variable], expected: HTTPS_URL, parse: allowedUrl, isSecret: true };
}

function serviceUrl(variable: string, key: string): Setting<string> {
  return { env: [variable], key, expected: HTTPS_URL, parse: allowedUrl, isSecret: true };
}

/** The twin of a secret. */
function file(variable: string, key: string): Setting<string> {
  return { env: [variable], key, expected: "a file", parse: matching(/^[^\0]+$/) };
}

function severity(variable: string, key: string): Setting<Severity> {
  return { env: [variable], key, expected: "info, warning, error or critical", parse: oneOf(...SEVERITIES) };
}

/** Where alerts go. */
export const ALERT_SETTINGS: SettingTable<AlertSettings> = {
  alertSource: {
    env: ["POT_ALERT_SOURCE"],
    key: "alertSource",
    expected: "the installation's name: 1 to 100 characters, such as pot-prod",
    parse: matching(/^[^\p{C}]{1,100}$/u),
  },
  slackToken: {
    env: ["POT_SLACK_TOKEN"],
    expected: "a bot token, which begins with xoxb-",
    parse: matching(/^xox[!-~]{8,400}$/),
    isSecret: true,
  },
  slackTokenFile: file("POT_SLACK_TOKEN_FILE", "slackTokenFile"),
  slackChannel: {
    env: ["POT_SLACK_CHANNEL"],
    key: "slackChannel",
    expected: "a channel's id such as C0123456789, or its name",
    parse: matching(/^#?[^\s#<>&"',\p{C}]{1,80}$/u),
  },
  slackApiUrl: serviceUrl("POT_SLACK_API_URL", "slackApiUrl"),
  slackWebhookUrl: secretUrl("POT_SLACK_WEBHOOK_URL"),
  slackWebhookUrlFile: file("POT_SLACK_WEBHOOK_URL_FILE", "slackWebhookUrlFile"),
  slackSeverity: severity("POT_SLACK_SEVERITY", "slackSeverity"),
  pagerdutyKey: {
    env: ["POT_PAGERDUTY_KEY"],
    expected: "an Events API v2 integration key: 32 letters and digits",
    parse: matching(/^[A-Za-z0-9]{32}$/),
    isSecret: true,
  },
  pagerdutyKeyFile: file("POT_PAGERDUTY_KEY_FILE", "pagerdutyKeyFile"),
  pagerdutyUrl: serviceUrl("POT_PAGERDUTY_URL", "pagerdutyUrl"),
  pagerdutySeverity: severity("POT_PAGERDUTY_SEVERITY", "pagerdutySeverity"),
  smtpUrl: {
    env: ["POT_SMTP_URL"],
    expected: SMTP_URL_FORM,
    parse: (text) => parseSmtpUrl(text) && text,
    isSecret: true,
  },
  smtpUrlFile: file("POT_SMTP_URL_FILE", "smtpUrlFile"),
  alertEmailFrom: {
    env: ["POT_ALERT_EMAIL_FROM"],
    key: "alertEmailFrom",
    expected: "an address such as pot@example.org",
    parse: matching(ADDRESS),
  },
  alertEmailTo: {
    env: ["POT_ALERT_EMAIL_TO"],
    key: "alertEmailTo",
    expected: "addresses such as ops@example.org, comma-separated, 50 at most",
    parse: addresses,
  },
  alertEmailSeverity: severity("POT_ALERT_EMAIL_SEVERITY", "alertEmailSeverity"),
  alertWebhookUrl: secretUrl("POT_ALERT_WEBHOOK_URL"),
  alertWebhookUrlFile: file("POT_ALERT_WEBHOOK_URL_FILE", "alertWebhookUrlFile"),
  alertWebhookSecret: {
    env: ["POT_ALERT_WEBHOOK_SECRET"],
    expected: "16 to 200 printable characters",
    parse: matching(/^[ -~]{16,200}$/),
    isSecret: true,
  },
  alertWebhookSecretFile: file("POT_ALERT_WEBHOOK_SECRET_FILE", "alertWebhookSecretFile"),
  alertWebhookSeverity: severity("POT_ALERT_WEBHOOK_SEVERITY", "alertWebhookSeverity"),
  heartbeatUrl: secretUrl("POT_HEARTBEAT_URL"),
  heartbeatUrlFile: file("POT_HEARTBEAT_URL_FILE", "heartbeatUrlFile"),
};

function addresses(text: string): readonly string[] | undefined {
  const all = [
    ...new Set(text.split(",").map((address) => address.trim()).filter((address) => address !== "")),
  ];
  return all.length > 0 && all.length <= 50 && all.every((address) => ADDRESS.test(address))
    ? all
    : undefined;
}

import type { Severity } from "../alerts/severity.ts";
import type { SettingName } from "./settings.ts";

/** Where alerts go; what is absent is not used. */
export interface AlertingConfig {
  /** The installation's name. @default "pot" */
  readonly source?: string;
  /** A bot in a channel. */
  readonly slack?: Leveled & {
    readonly token: SecretConfig;
    readonly channel: string;
    /** @default Slack's own */
    readonly apiUrl?: string;
  };
  /** An incoming webhook. */
  readonly slackWebhook?: Leveled & { readonly url: SecretConfig };
  /** Pages people. */
  readonly pagerduty?: Leveled & {
    readonly routingKey: SecretConfig;
    /** @default PagerDuty's own */
    readonly url?: string;
  };
  /** Mail by SMTP. */
  readonly email?: Leveled & {
    readonly server: SecretConfig;
    readonly from: string;
    readonly to: readonly string[];
  };
  /** Any receiver over HTTPS. */
  readonly webhook?: Leveled & { readonly url: SecretConfig; readonly secret: SecretConfig };
  /** Pinged while all is well. */
  readonly heartbeatUrl?: SecretConfig;
}

/** From which severity on a channel is told. */
export interface Leveled {
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
}

/** A secret, or the file that holds it as its one line. */
export type SecretConfig =
  | { readonly text: string }
  | {
    /** Absolute. */
    readonly file: string;
    /** What the line has to look like. */
    readonly setting: SettingName;
  };

import { isAgeRecipient, parseAgeIdentities } from "../../backup/age_stream.ts";
import { parseTargets, type TargetPlace, TARGETS_FORM } from "../../backup/parse_target.ts";
import { parseRetentionRule, type RetentionRule } from "../../core/retention_rule.ts";
import { matching, type SettingTable } from "./setting.ts";

/** Where backups go and for how long: what each text becomes. */
export interface BackupSettings {
  /** At least one. */
  backupTargets: readonly TargetPlace[];
  /** X25519 recipients of age, at least one. */
  backupRecipients: readonly string[];
  /** Secret: X25519 identities of age. */
  backupIdentity: readonly string[];
  /** File that holds it. */
  backupIdentityFile: string;
  /** What stays. */
  backupKeep: RetentionRule;
  /** An access key of S3, by its names in AWS's own programs. */
  awsAccessKeyId: string;
  /** Secret. */
  awsSecretAccessKey: string;
  /** Secret: of temporary keys. */
  awsSessionToken: string;
  /** Of buckets that name none. */
  awsRegion: string;
}

/** Where backups go and for how long. */
export const BACKUP_SETTINGS: SettingTable<BackupSettings> = {
  backupTargets: {
    env: ["POT_BACKUP_TARGETS"],
    key: "backupTargets",
    expected: TARGETS_FORM,
    parse: parseTargets,
  },
  backupRecipients: {
    env: ["POT_BACKUP_RECIPIENT"],
    key: "backupRecipient",
    expected: "X25519 recipients of age (age1…), comma-separated: what age-keygen prints as the public key",
    parse(text) {
      const recipients = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
      return recipients.length > 0 && recipients.every(isAgeRecipient) ? recipients : undefined;
    },
    // An identity, put here by mistake, must not be shown.
    isHidden: true,
  },
  backupIdentity: {
    env: ["POT_BACKUP_IDENTITY"],
    expected: "an identity of age (AGE-SECRET-KEY-1…)",
    parse: parseAgeIdentities,
    isSecret: true,
  },
  backupIdentityFile: {
    env: ["POT_BACKUP_IDENTITY_FILE"],
    key: "backupIdentityFile",
    expected: "a file",
    parse: matching(/^[^\0]+$/),
  },
  backupKeep: {
    env: ["POT_BACKUP_KEEP"],
    key: "backupKeep",
    expected: "how many to keep, such as last=3,daily=7,weekly=4,monthly=12,yearly=10 (also: hourly)",
    parse: parseRetentionRule,
  },
  awsAccessKeyId: {
    env: ["AWS_ACCESS_KEY_ID"],
    expected: "an access key's id",
    parse: (text) => text,
    isSecret: true,
  },
  awsSecretAccessKey: {
    env: ["AWS_SECRET_ACCESS_KEY"],
    expected: "a secret access key",
    parse: (text) => text,
    isSecret: true,
  },
  awsSessionToken: {
    env: ["AWS_SESSION_TOKEN"],
    expected: "a session token",
    parse: (text) => text,
    isSecret: true,
  },
  // Only looked at where a target needs it, so that a region of other programs is no mistake here.
  awsRegion: { env: ["AWS_REGION", "AWS_DEFAULT_REGION"], expected: "a region", parse: (text) => text },
};

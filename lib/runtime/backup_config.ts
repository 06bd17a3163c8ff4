import { isAbsolute, join } from "node:path";
import type { S3Credentials } from "../backup/s3_client.ts";
import type { TargetPlace } from "../backup/parse_target.ts";
import type { RetentionRule } from "../core/retention_rule.ts";
import type { ReadSettings } from "./read_settings.ts";

/** Where backups go, and for how long. Holds secrets. */
export interface BackupConfig {
  /** In the order in which they are written; the paths of folders are absolute. Empty: no backups. */
  readonly targets: readonly TargetPlace[];
  /** X25519 recipients of age; none: not encrypted. */
  readonly recipients: readonly string[];
  /** Secret: what decrypts backups. */
  readonly identities?: readonly string[];
  /** Holds them. Absolute. */
  readonly identityFile?: string;
  /** Absent: nothing is ever deleted. */
  readonly keep?: RetentionRule;
  /** Of the targets in buckets. */
  readonly credentials?: S3Credentials;
  /** Of the targets in buckets that name none. */
  readonly region?: string;
}

/** What the settings say of backups; adds what is wrong to `mistakes`. */
export function parseBackup(
  { values, names }: Pick<ReadSettings, "values" | "names">,
  { folder }: { readonly folder: string },
  mistakes: string[],
): { readonly backup?: BackupConfig } {
  const { backupTargets = [], backupRecipients = [], backupIdentity, backupIdentityFile, backupKeep } =
    values;
  if (names.backupIdentity !== undefined && names.backupIdentityFile !== undefined) {
    mistakes.push(`${names.backupIdentity} and ${names.backupIdentityFile} must not be given together`);
  }
  const isGiven = [names.backupTargets, names.backupIdentity, names.backupIdentityFile].some((name) =>
    name !== undefined
  );
  if (!isGiven) return {};
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsRegion } = values;
  const absolute = (path: string) => isAbsolute(path) ? path : join(folder, path);
  const targets = backupTargets.map((place) =>
    place.kind === "folder" ? { ...place, path: absolute(place.path) } : place
  );
  return {
    backup: {
      targets,
      recipients: backupRecipients,
      ...(backupIdentity === undefined ? {} : { identities: backupIdentity }),
      ...(backupIdentityFile === undefined ? {} : { identityFile: absolute(backupIdentityFile) }),
      ...(backupKeep === undefined ? {} : { keep: backupKeep }),
      ...(awsAccessKeyId === undefined || awsSecretAccessKey === undefined ? {} : {
        credentials: {
          accessKeyId: awsAccessKeyId,
          secretAccessKey: awsSecretAccessKey,
          ...(awsSessionToken === undefined ? {} : { sessionToken: awsSessionToken }),
        },
      }),
      ...(awsRegion === undefined ? {} : { region: awsRegion }),
    },
  };
}

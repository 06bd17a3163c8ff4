import { parseAgeIdentities } from "../backup/age_stream.ts";
import type { BackupTarget } from "../backup/backup_target.ts";
import { createFolderTarget } from "../backup/folder_target.ts";
import { createS3Target } from "../backup/s3_target.ts";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { BackupConfig } from "./backup_config.ts";

/**
 * The configured targets, none of them asked yet.
 *
 * @throws {UsageError} when a bucket has no region
 */
export function openBackupTargets(
  { targets, credentials, region: defaultRegion }: BackupConfig,
  { files, clock }: { readonly files: FileLayer; readonly clock: Pick<Clock, "now"> },
): readonly BackupTarget[] {
  return targets.map((place) => {
    const { name } = place;
    if (place.kind === "folder") return createFolderTarget(place.path, { name, files });
    const { bucket, prefix, endpoint } = place;
    // Other services take whatever they are given.
    const region = place.region ?? defaultRegion ?? (endpoint === undefined ? undefined : "us-east-1");
    if (region === undefined) {
      throw new UsageError("Cannot use the bucket for backups as its region is not known", {
        facts: [`target: ${name}`, `bucket: ${bucket}`],
        hint: "add it: s3://bucket?region=…, or set AWS_REGION",
      });
    }
    return createS3Target({
      name,
      bucket,
      prefix,
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      credentials() {
        if (credentials !== undefined) return credentials;
        throw new UsageError("Cannot use the bucket for backups as no access key is here", {
          facts: [`target: ${name}`],
          hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        });
      },
      clock,
    });
  });
}

/**
 * What decrypts backups, where it is here. Secret.
 *
 * @throws {UsageError} when the file cannot be read, or holds none
 */
export async function readIdentities(
  { identities = [], identityFile }: Partial<Pick<BackupConfig, "identities" | "identityFile">>,
  files: FileLayer,
): Promise<readonly string[]> {
  if (identityFile === undefined) return identities;
  const bytes = await files.read(identityFile).catch(() => undefined);
  const found = bytes === undefined ? undefined : parseAgeIdentities(new TextDecoder().decode(bytes));
  if (found !== undefined) return found;
  throw new UsageError("Cannot use the file with the backups' identity", {
    facts: [
      `file: ${identityFile}`,
      `found: ${bytes === undefined ? "no file to read" : "no identity of age"}`,
    ],
    hint: "it holds what age-keygen wrote: AGE-SECRET-KEY-1…, comments begin with #",
  });
}

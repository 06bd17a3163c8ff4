import { createHash } from "node:crypto";
import { PotError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { HttpAnswer, HttpFetch } from "../io/http_request.ts";
import {
  type BackupTarget,
  type ObjectContent,
  ObjectExistsError,
  type TargetOptions,
} from "./backup_target.ts";
import { gone } from "./folder_target.ts";
import { createS3Client, type S3Credentials } from "./s3_client.ts";
import { s3Error } from "./s3_error.ts";
import { completeXml, readListing, readTag } from "./s3_xml.ts";

export interface S3TargetOptions {
  readonly name: string;
  readonly bucket: string;
  /** Before each object's name, with its slash; "" for none. */
  readonly prefix: string;
  readonly region: string;
  /** Of another service than AWS: https://, or http:// to this machine. @default AWS's of the region */
  readonly endpoint?: string;
  /** Asked for at each request. Throws where there are none. */
  readonly credentials: () => S3Credentials;
  readonly clock: Pick<Clock, "now">;
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** What a part holds at least, and up to which length an object is written at once. @default 16 MiB */
  readonly partBytes?: number;
}

const MIB = 1024 * 1024;
/** More parts than this no upload may have. */
const MOST_PARTS = 10_000;

/**
 * Backups in a bucket of S3, or of a service that speaks its protocol; signed by Signature Version 4. An object longer than a part is
 * written in parts, so that memory holds one of them; either way under the condition that its name is free (`If-None-Match: *`),
 * which AWS, MinIO, Ceph and R2 know.
 */
export function createS3Target(options: S3TargetOptions): BackupTarget {
  const { name: target, bucket, prefix, partBytes = 16 * MIB } = options;
  const client = createS3Client(options);
  const key = (name: string) => `${prefix}${name}`;

  async function ask(
    doing: string,
    request: Parameters<typeof client>[0],
    expected: readonly number[],
  ): Promise<HttpAnswer> {
    const answer = await client(request);
    if (expected.includes(answer.status)) return answer;
    throw s3Error(doing, answer, { target, bucket });
  }

  async function putAtOnce(name: string, content: ObjectContent, { signal }: TargetOptions): Promise<void> {
    const answer = await ask("write to the bucket", {
      method: "PUT",
      key: key(name),
      headers: { "if-none-match": "*", "content-type": "application/octet-stream" },
      body: await content.readAt(0, content.sizeBytes),
      signal,
    }, [200, 412, 409]);
    if (answer.status !== 200) throw new ObjectExistsError(target, name);
  }

  async function putInParts(name: string, content: ObjectContent, { signal }: TargetOptions): Promise<void> {
    const started = await ask("begin an upload", {
      method: "POST",
      key: key(name),
      query: { uploads: "" },
      headers: { "content-type": "application/octet-stream" },
      signal,
    }, [200]);
    const uploadId = readTag(started.bytes, "UploadId");
    if (uploadId === undefined) throw s3Error("begin an upload", started, { target, bucket });
    try {
      const etags: string[] = [];
      const sizeBytes = Math.max(partBytes, Math.ceil(content.sizeBytes / MOST_PARTS));
      for (let at = 0; at < content.sizeBytes; at += sizeBytes) {
        const body = await content.readAt(at, Math.min(sizeBytes, content.sizeBytes - at));
        const answer = await ask("write a part", {
          method: "PUT",
          key: key(name),
          query: { partNumber: String(etags.length + 1), uploadId },
          headers: { "content-md5": createHash("md5").update(body).digest("base64") },
          body,
          signal,
        }, [200]);
        const etag = answer.headers.get("etag");
        if (etag === null) throw s3Error("write a part", answer, { target, bucket });
        etags.push(etag);
      }
      const answer = await ask("finish an upload", {
        method: "POST",
        key: key(name),
        query: { uploadId },
        headers: { "if-none-match": "*", "content-type": "application/xml" },
        body: completeXml(etags),
        signal,
      }, [200, 412, 409]);
      if (answer.status !== 200) throw new ObjectExistsError(target, name);
      // A refusal may come with the status 200: the service sends it before it has put the parts together.
      if (readTag(answer.bytes, "ETag") === undefined) {
        throw s3Error("finish an upload", answer, { target, bucket });
      }
    } catch (error) {
      // What was stored of it costs money until it is given up; the first error is the one to report.
      await client({ method: "DELETE", key: key(name), query: { uploadId } }).catch(() => {});
      throw error;
    }
  }

  return {
    name: target,

    async list({ signal } = {}) {
      const objects = [];
      let token: string | undefined;
      do {
        const answer = await ask("list the bucket", {
          method: "GET",
          key: "",
          query: {
            "list-type": "2",
            prefix,
            ...(token === undefined ? {} : { "continuation-token": token }),
          },
          signal,
        }, [200]);
        const listing = readListing(answer.bytes);
        if (listing === undefined) throw s3Error("list the bucket", answer, { target, bucket });
        for (const { key, sizeBytes } of listing.objects) {
          const name = key.slice(prefix.length);
          if (key.startsWith(prefix) && !name.includes("/")) objects.push({ name, sizeBytes });
        }
        token = listing.next;
      } while (token !== undefined);
      return objects;
    },

    put: (name, content, putOptions = {}) =>
      (content.sizeBytes <= partBytes ? putAtOnce : putInParts)(name, content, putOptions),

    async *read(name, { signal } = {}) {
      let etag: string | null = null;
      for (let at = 0, total = Infinity; at < total;) {
        const answer = await ask("read from the bucket", {
          method: "GET",
          key: key(name),
          // Every part of the same object, also where somebody replaces it meanwhile.
          headers: {
            range: `bytes=${at}-${at + partBytes - 1}`,
            ...(etag === null ? {} : { "if-match": etag }),
          },
          signal,
          maxBytes: partBytes,
        }, [206, 404]);
        if (answer.status === 404) throw gone(target, name);
        const [, first, length] =
          /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
        etag = answer.headers.get("etag");
        total = Number(length);
        const isWhole = Number(first) === at && answer.bytes.length === Math.min(partBytes, total - at);
        if (!isWhole || etag === null) {
          throw new PotError("Cannot read the backup as the bucket gave other bytes than it was asked for", {
            facts: [`target: ${target}`, `object: ${name}`, `from byte: ${at}`],
            hint: "try again; then use the same backup of another target",
          });
        }
        at += answer.bytes.length;
        yield answer.bytes;
      }
    },

    async remove(name, { signal } = {}) {
      await ask("remove from the bucket", { method: "DELETE", key: key(name), signal }, [204, 200, 404]);
    },
  };
}

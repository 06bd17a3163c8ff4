import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { type HttpAnswer, type HttpFetch, httpRequest } from "../io/http_request.ts";
import { loadPackage } from "../io/load_package.ts";

/** An access key. Secret. */
export interface S3Credentials {
  /** Its public half. */
  readonly accessKeyId: string;
  /** Secret. */
  readonly secretAccessKey: string;
  /** Of temporary ones. */
  readonly sessionToken?: string | undefined;
}

export interface S3ClientOptions {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: () => S3Credentials;
  readonly clock: Pick<Clock, "now">;
  readonly fetch?: HttpFetch;
}

export interface S3Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Of the object; "" for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** @default 4 MiB */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * One signed request to a bucket, no retry. The bucket stands in the path, as not every service gives each a host of its own. Every
 * body is signed by its digest, so that what arrives is what was sent.
 */
export function createS3Client(
  { bucket, region, endpoint, credentials, clock, fetch }: S3ClientOptions,
): (request: S3Request) => Promise<HttpAnswer> {
  const base = (endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, "");
  return async ({ method, key, query = {}, headers = {}, body, signal, maxBytes = MAX_BYTES }) => {
    const { AwsV4Signer } = await loadPackage("aws4fetch");
    const { accessKeyId, secretAccessKey, sessionToken } = credentials();
    const path = [bucket, ...key.split("/")].map(encodeURIComponent).join("/");
    const search = new URLSearchParams(query).toString().replaceAll("+", "%20");
    const bytes = body === undefined ? undefined : new Uint8Array(body);
    const signer = new AwsV4Signer({
      method,
      url: `${base}/${path}${search === "" ? "" : `?${search}`}`,
      headers: {
        ...headers,
        "x-amz-content-sha256": createHash("sha256").update(bytes ?? new Uint8Array()).digest("hex"),
      },
      ...(bytes === undefined ? {} : { body: bytes }),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: "s3",
      region,
      datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    });
    const signed = await signer.sign();
    return await httpRequest(signed.url.toString(), {
      ...(fetch === undefined ? {} : { fetch }),
      method,
      headers: Object.fromEntries(signed.headers),
      ...(bytes === undefined ? {} : { body: bytes }),
      timeoutMs: TIMEOUT_MS,
      maxBytes,
      ...(signal === undefined ? {} : { signal }),
    });
  };
}

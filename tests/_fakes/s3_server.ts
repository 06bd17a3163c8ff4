import { createHash } from "node:crypto";
import { type KnownCredentials, verifySigV4 } from "./sigv4.ts";

export interface S3ServerOptions {
  readonly bucket: string;
  readonly region: string;
  readonly credentials: readonly KnownCredentials[];
  /** Keys a page of a listing holds. @default 1 000 */
  readonly pageSize?: number;
  /** What a part but the last must have at least; 5 MiB at AWS. @default 5 MiB */
  readonly minPartBytes?: number;
  /** Actions that the policy does not allow, such as `s3:PutObject`. */
  readonly denied?: readonly string[];
  /** What is stored in place of what was sent, and answered with success all the same. */
  readonly store?: (key: string, bytes: Uint8Array) => Uint8Array;
  /** An answer in place of the right one, by action; asked for each request that was signed well. */
  readonly faultOf?: (action: string) => { readonly status: number; readonly code: string } | undefined;
}

/** One bucket of S3 on a port, as it is at the wire: path style, ListObjectsV2, conditional writes, uploads in parts, ranges. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  /** By key. */
  readonly objects: Map<string, Uint8Array>;
  /** Actions in order, those that were refused too. */
  readonly asked: readonly string[];
  /** Uploads in parts that were neither finished nor given up. */
  readonly openUploads: number;
}

class S3Refusal extends Error {
  constructor(readonly code: string, readonly status: number) {
    super(code);
  }
}

const CODES: Readonly<Record<string, readonly [code: string, status: number]>> = {
  InvalidSignatureException: ["SignatureDoesNotMatch", 403],
  UnrecognizedClientException: ["InvalidAccessKeyId", 403],
  MissingAuthenticationTokenException: ["AccessDenied", 403],
  IncompleteSignatureException: ["AuthorizationHeaderMalformed", 400],
  ExpiredTokenException: ["ExpiredToken", 400],
};

/** Listens on a free loopback port. */
export function startS3Server(options: S3ServerOptions): S3Server {
  const { bucket, region, credentials, pageSize = 1_000, minPartBytes = 5 * 1024 * 1024, denied = [] } =
    options;
  const { store = (_, bytes) => bytes, faultOf = () => undefined } = options;
  const objects = new Map<string, Uint8Array>();
  const uploads = new Map<string, { readonly key: string; readonly parts: Map<number, Uint8Array> }>();
  const asked: string[] = [];

  function put(key: string, bytes: Uint8Array, headers: Headers): string {
    // Whether it is free is decided at the moment of storing.
    if (headers.get("if-none-match") === "*" && objects.has(key)) {
      throw new S3Refusal("PreconditionFailed", 412);
    }
    objects.set(key, store(key, bytes));
    return etagOf(bytes);
  }

  function list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? "";
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
    const page = keys.slice(0, pageSize);
    const isCut = keys.length > page.length;
    return xml(
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><IsTruncated>${isCut}</IsTruncated>${
        page.map((key) =>
          `<Contents><Key>${escape(key)}</Key><Size>${objects.get(key)!.length}</Size></Contents>`
        ).join("")
      }${
        isCut ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>` : ""
      }</ListBucketResult>`,
    );
  }

  function get(key: string, headers: Headers): Response {
    const bytes = objects.get(key);
    if (bytes === undefined) throw new S3Refusal("NoSuchKey", 404);
    const etag = etagOf(bytes);
    const wanted = headers.get("if-match");
    if (wanted !== null && wanted !== etag) throw new S3Refusal("PreconditionFailed", 412);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
    if (first === undefined) return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { etag } });
    if (Number(first) >= bytes.length) throw new S3Refusal("InvalidRange", 416);
    const end = Math.min(Number(last) + 1, bytes.length);
    return new Response(bytes.slice(Number(first), end), {
      status: 206,
      headers: { etag, "content-range": `bytes ${first}-${end - 1}/${bytes.length}` },
    });
  }

  function finish(key: string, uploadId: string, body: Uint8Array, headers: Headers): Response {
    const upload = uploads.get(uploadId);
    if (upload?.key !== key) throw new S3Refusal("NoSuchUpload", 404);
    const named = [
      ...new TextDecoder().decode(body).matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g),
    ];
    const parts = named.map(([, number, etag], i) => {
      const part = upload.parts.get(Number(number));
      if (Number(number) !== i + 1 || part === undefined || etagOf(part) !== etag!.replaceAll("&#34;", '"')) {
        throw new S3Refusal("InvalidPart", 400);
      }
      if (i < named.length - 1 && part.length < minPartBytes) throw new S3Refusal("EntityTooSmall", 400);
      return part;
    });
    if (parts.length === 0) throw new S3Refusal("MalformedXML", 400);
    const etag = put(key, concat(parts), headers);
    uploads.delete(uploadId);
    return xml(`<CompleteMultipartUploadResult><ETag>${escape(etag)}</ETag></CompleteMultipartUploadResult>`);
  }

  function actionOf(method: string, key: string, query: URLSearchParams): string {
    if (method === "GET") return key === "" ? "s3:ListBucket" : "s3:GetObject";
    if (method === "DELETE") return query.has("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
    return "s3:PutObject";
  }

  async function answer(request: Request): Promise<Response> {
    const body = await request.bytes();
    const { method, url, headers } = request;
    const { pathname, searchParams: query } = new URL(url);
    const [, named, ...rest] = pathname.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    const action = actionOf(method, key, query);
    asked.push(action);
    const refusal = verifySigV4({ method, url, headers, body }, {
      credentials,
      region,
      service: "s3",
      nowMs: Date.now(),
    });
    if (refusal !== undefined) throw new S3Refusal(...CODES[refusal.type] ?? ["AccessDenied", 403]);
    if (headers.get("x-amz-content-sha256") !== createHash("sha256").update(body).digest("hex")) {
      throw new S3Refusal("XAmzContentSHA256Mismatch", 400);
    }
    const md5 = headers.get("content-md5");
    if (md5 !== null && md5 !== createHash("md5").update(body).digest("base64")) {
      throw new S3Refusal("BadDigest", 400);
    }
    if (named !== bucket) throw new S3Refusal("NoSuchBucket", 404);
    const fault = faultOf(action);
    if (fault !== undefined) throw new S3Refusal(fault.code, fault.status);
    if (denied.includes(action)) throw new S3Refusal("AccessDenied", 403);
    const uploadId = query.get("uploadId");
    if (method === "GET") return key === "" ? list(query) : get(key, headers);
    if (method === "DELETE") {
      if (uploadId === null) objects.delete(key);
      else if (!uploads.delete(uploadId)) throw new S3Refusal("NoSuchUpload", 404);
      return new Response(null, { status: 204 });
    }
    if (method === "POST" && query.has("uploads")) {
      const id = crypto.randomUUID();
      uploads.set(id, { key, parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (method === "POST" && uploadId !== null) return finish(key, uploadId, body, headers);
    if (method === "PUT" && uploadId !== null) {
      const upload = uploads.get(uploadId);
      if (upload?.key !== key) throw new S3Refusal("NoSuchUpload", 404);
      upload.parts.set(Number(query.get("partNumber")), body);
      return new Response(null, { headers: { etag: etagOf(body) } });
    }
    if (method === "PUT") return new Response(null, { headers: { etag: put(key, body, headers) } });
    throw new S3Refusal("MethodNotAllowed", 405);
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      return xml(
        `<Error><Code>${error.code}</Code><Message>as the fake says</Message></Error>`,
        error.status,
      );
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    objects,
    asked,
    get openUploads() {
      return uploads.size;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function xml(text: string, status = 200): Response {
  const headers = { "content-type": "application/xml" };
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, { status, headers });
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

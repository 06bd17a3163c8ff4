/** One page of a bucket's objects. */
export interface BucketPage {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number }[];
  /** What the next page is asked for with; absent on the last one. */
  readonly next?: string;
}

/** The content of the first element of that name, its entities resolved. */
export function readTag(bytes: Uint8Array | string, name: string): string | undefined {
  const text = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return content === undefined ? undefined : unescapeXml(content);
}

/** An answer of ListObjectsV2; `undefined` for what is none. */
export function readListing(bytes: Uint8Array): BucketPage | undefined {
  const text = new TextDecoder().decode(bytes);
  if (!/<ListBucketResult[ >]/.test(text)) return undefined;
  const objects = [...text.matchAll(/<Contents>([^]*?)<\/Contents>/g)].map(([, content]) => ({
    key: readTag(content!, "Key") ?? "",
    sizeBytes: Number(readTag(content!, "Size")),
  }));
  if (objects.some(({ key, sizeBytes }) => key === "" || !Number.isSafeInteger(sizeBytes))) return undefined;
  const isCut = readTag(text, "IsTruncated") === "true";
  const next = readTag(text, "NextContinuationToken");
  if (isCut && next === undefined) return undefined;
  return { objects, ...(isCut ? { next: next! } : {}) };
}

/** What puts the parts of an upload together. */
export function completeXml(etags: readonly string[]): Uint8Array {
  const parts = etags.map((etag, i) =>
    `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`
  );
  return new TextEncoder().encode(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
      parts.join("")
    }</CompleteMultipartUpload>`,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (all, ten, hex, name) => {
      if (name !== undefined) return ENTITIES[name]!;
      const code = ten === undefined ? parseInt(hex, 16) : Number(ten);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

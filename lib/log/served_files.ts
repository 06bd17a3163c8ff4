import { join } from "node:path";
import { PotError, UnreachableError } from "../core/errors.ts";
import { redactUrl } from "../core/redact.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type HttpFetch, httpRequest } from "../io/http_request.ts";
import { readBounded } from "../io/read_bounded.ts";

/** What came for a path: its bytes, with the headers where it was served, or why there are none. */
export type ServedFile =
  | { readonly isFound: true; readonly bytes: Uint8Array; readonly headers?: Headers }
  | { readonly isFound: false; readonly because: string };

/** The files of a published log, wherever they are looked at. */
export interface ServedFiles {
  /** For people: the folder, or the URL as far as it may be shown. */
  readonly name: string;
  /**
   * The file at a path below the log's prefix, such as `tile/0/000`.
   *
   * @throws {UnreachableError} where it cannot be told whether there is such a file
   */
  get(
    path: string,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<ServedFile>;
}

/** Tiles come from caches, so this is long. */
const TIMEOUT_MS = 60_000;

/** The files below an HTTP prefix, as `parseUrlPrefix` gives it. */
export function servedOverHttp(prefix: string, options: { readonly fetch?: HttpFetch } = {}): ServedFiles {
  return {
    name: redactUrl(prefix),
    async get(path, { maxBytes, signal }) {
      const { status, headers, bytes, isTooLong } = await httpRequest(`${prefix}/${path}`, {
        ...options,
        // C2SP tlog-tiles, log entries: what every client asks for.
        headers: { "accept-encoding": "gzip, identity" },
        timeoutMs: TIMEOUT_MS,
        maxBytes,
        ...(signal === undefined ? {} : { signal }),
      });
      if (status === 200) {
        return isTooLong ? { isFound: false, because: tooLong(maxBytes) } : { isFound: true, bytes, headers };
      }
      // Overloaded or broken for the moment: says nothing of the file.
      if (status === 408 || status === 429 || status >= 500) {
        throw new UnreachableError("Cannot check the log as its server did not answer properly", {
          facts: [`server: ${redactUrl(prefix)}`, `file: ${path}`, `status: ${status}`],
          hint: "try again later",
        });
      }
      const isRedirect = status >= 300 && status < 400;
      const because = isRedirect
        ? `it is redirected (status ${status})`
        : `it is not served (status ${status})`;
      return { isFound: false, because };
    },
  };
}

/** The files in a folder, as a static server would see them. */
export function servedFromFolder(folder: string, { files }: { readonly files: FileLayer }): ServedFiles {
  return {
    name: folder,
    async get(path, { maxBytes, signal }) {
      signal?.throwIfAborted();
      let bytes: Uint8Array | undefined;
      try {
        bytes = await readBounded(files, join(folder, path), maxBytes);
      } catch (error) {
        if (error instanceof CorruptFileError) return { isFound: false, because: tooLong(maxBytes) };
        if (error instanceof PotError || !(error instanceof Error)) throw error;
        return { isFound: false, because: `it cannot be read: ${error.message}` };
      }
      return bytes === undefined
        ? { isFound: false, because: "there is no such file" }
        : { isFound: true, bytes };
    },
  };
}

function tooLong(maxBytes: number): string {
  return `it is longer than the ${maxBytes} bytes that it can have`;
}

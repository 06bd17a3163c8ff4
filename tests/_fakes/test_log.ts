import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64 } from "../../lib/core/base64.ts";
import { formatCheckpoint } from "../../lib/core/checkpoint_note.ts";
import type { LogHead } from "../../lib/core/log_head.ts";
import type { FileLayer } from "../../lib/io/file_layer.ts";
import type { LogDraft } from "../../lib/log/log.ts";
import type { OpenFileLogOptions } from "../../lib/log/file_log.ts";

export const TEST_ORIGIN = "pot/test";

/** The little record that log tests append. */
export interface TestRecord {
  readonly run: string;
  readonly n: number;
  readonly previous?: string;
  /** To make a record as long as a test likes. */
  readonly filler?: string;
}

const SIGNATURE = toBase64(new Uint8Array(68).fill(7));

export function testEventKey({ run, n }: Pick<TestRecord, "run" | "n">): Uint8Array {
  return sha256(new TextEncoder().encode(`${run} ${n}`));
}

export function testDraft(run: string, n: number, filler?: string): LogDraft {
  return {
    runId: run,
    eventKey: testEventKey({ run, n }),
    build: (previous) =>
      new TextEncoder().encode(
        JSON.stringify({ run, n, ...(previous && { previous }), ...(filler && { filler }) }),
      ),
  };
}

export function parseTestRecord(bytes: Uint8Array): TestRecord {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

/** A note over that head that has the form of a signed one. */
export function signTestHead(head: LogHead): Promise<string> {
  return Promise.resolve(
    `${formatCheckpoint({ origin: TEST_ORIGIN, ...head })}\n\u2014 ${TEST_ORIGIN} ${SIGNATURE}\n`,
  );
}

/** Options of a log that signs with nothing: its notes have the form of a signed one. */
export function testLogOptions(
  files: FileLayer,
  more: Partial<OpenFileLogOptions> = {},
): OpenFileLogOptions {
  return {
    files,
    origin: TEST_ORIGIN,
    verifierKeys: [],
    sign: signTestHead,
    eventKeyOf: (bytes) => {
      const record = parseTestRecord(bytes);
      return { runId: record.run, eventKey: testEventKey(record) };
    },
    ...more,
  };
}

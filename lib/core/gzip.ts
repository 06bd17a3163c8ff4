/** One byte of gzip gives at most 1 032, so that a piece never unpacks to more than about 4 MiB. */
const PIECE_BYTES = 4_096;

/** Bytes as one gzip member (RFC 1952). */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = inPieces(bytes, 16 * PIECE_BYTES).pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Unpacks one gzip member; `undefined` where it would give more than `maxBytes`, of which hardly more are ever unpacked, and for
 * anything else than one whole member with the right checksum.
 */
export async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
  const reader = inPieces(bytes, PIECE_BYTES).pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > maxBytes) {
        await reader.cancel();
        return undefined;
      }
      parts.push(read.value);
    }
  } catch {
    // What is wrong with it, each engine says in its own words.
    return undefined;
  }
  const whole = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** Handed over as they are asked for: what comes out of a piece is seen before the next one goes in. */
function inPieces(bytes: Uint8Array, pieceBytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += pieceBytes));
    },
  }, { highWaterMark: 0 });
}

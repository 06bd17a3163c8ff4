/**
 * The root alone, of leaves that are never all in memory:
 *
 *     deno run -A bench/merkle_streaming.ts <leaf count>
 */
import { createRootAccumulator } from "../lib/core/merkle/root_accumulator.ts";
import { peakMemoryBytes, timeMs } from "./measure.ts";

/** Time and memory of one process that computed a root. */
export interface StreamingFigures {
  readonly rootMs: number;
  readonly peakBytes: number;
}

const CHUNK_BYTES = 32 * 1000;

function measureHere(leafCount: number): StreamingFigures {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const rootMs = timeMs(() => {
    const accumulator = createRootAccumulator();
    for (let left = leafCount * 32; left > 0; left -= CHUNK_BYTES) {
      chunk[left % 31]! ^= left;
      accumulator.append(chunk.subarray(0, Math.min(left, CHUNK_BYTES)));
    }
    accumulator.root();
  });
  return { rootMs, peakBytes: peakMemoryBytes() };
}

/** Measures in a process of its own, so that its memory is nobody else's. */
export async function measureStreaming(leafCount: number): Promise<StreamingFigures> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "-A", import.meta.filename!, `${leafCount}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the streaming process failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

if (import.meta.main) console.log(JSON.stringify(measureHere(Number(Deno.args[0]))));

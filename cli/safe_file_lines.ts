import type { WrittenSafeFile } from "../lib/runtime/write_safe_file.ts";

/** What to do with a file for a Safe. */
export function safeFileLines({ safe, isContract }: WrittenSafeFile, shown: string): readonly string[] {
  return [
    `wrote ${shown}; nothing was sent`,
    `  Safe      ${safe}${isContract ? "" : ", which is a plain account now and no Safe"}`,
    "  next      drop the file into the Transaction Builder of the Safe wallet, look at it, and let its owners sign",
  ];
}

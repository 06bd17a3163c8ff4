import { join } from "node:path";
import { createWritePause, WRITE_PAUSE_FILE, type WritePause } from "../chain/write_pause.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";

/** The pause of this host: a file in the home folder. */
export function openWritePause({ home }: Pick<Config, "home">): WritePause {
  return createWritePause(join(home, WRITE_PAUSE_FILE), denoFiles);
}

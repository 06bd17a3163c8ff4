import { join } from "node:path";
import { denoFiles } from "../io/deno_files.ts";
import { openFileStateStore } from "../io/file_state_store.ts";
import type { StateStore } from "../io/state_store.ts";
import type { Config } from "./config.ts";

/** Where jobs and alerts keep their state: beside the log, in PostgreSQL where that is there, else in the home folder. */
export async function openStateStore(
  { logUrl, home }: Pick<Config, "logUrl" | "home">,
): Promise<StateStore & AsyncDisposable> {
  if (logUrl !== undefined) {
    return (await import("../log/postgres_state_store.ts")).createPostgresStateStore(logUrl);
  }
  const store = openFileStateStore(join(home, "state"), { files: denoFiles });
  return { ...store, [Symbol.asyncDispose]: () => Promise.resolve() };
}

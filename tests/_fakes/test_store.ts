import type { LogHead } from "../../lib/core/log_head.ts";
import type { Log } from "../../lib/log/log.ts";

/** How a test's log differs from the others. */
export interface TestStoreOptions {
  /** @default the test origin */
  readonly origin?: string;
  /** @default a note of the right form */
  readonly sign?: (head: LogHead) => Promise<string>;
}

/** A store that starts empty. */
export interface TestStore extends AsyncDisposable {
  /** Opens the log in it, as often as wanted, also at the same time. */
  open(options?: TestStoreOptions): Promise<Log>;
}

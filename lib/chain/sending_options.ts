import type { BudgetLimits } from "../core/budget.ts";
import type { EventFrame } from "./journal_entry.ts";
import type { WritePause } from "./write_pause.ts";

/** What is about to be signed. */
export interface WriteIntent {
  /** Completes "Cannot …". */
  readonly action: string;
  /** It is about something new; false for what helps a transaction along that was signed before. */
  readonly isNew: boolean;
}

/** How transactions are sent, as far as it is a matter of configuration. */
export interface SendingOptions {
  /** What the key may sign and spend by day and month. @default no limits */
  readonly limits?: BudgetLimits;
  /** This host's pause. @default never paused */
  readonly pause?: Pick<WritePause, "read" | "pause">;
  /** Asked each time before an account signs; throws where it may not, or not any more. @default it may */
  readonly mayWrite?: (account: `0x${string}`, intent: WriteIntent) => Promise<void>;
  /** Told of each event once, after it is durable. @default nobody */
  readonly onEvent?: (event: EventFrame) => void;
  /** How many transactions may wait for a block at once. @default 1_000 */
  readonly maxInFlight?: number;
  /** How long the lowest nonce may wait before a form that pays more replaces it. @default 90_000 */
  readonly stuckAfterMs?: number;
  /** How long a broadcast transaction may wait until its bytes are handed out again. @default 15_000 */
  readonly rebroadcastAfterMs?: number;
  /** Endpoints that must agree before a state becomes final. @default more than half */
  readonly finalQuorum?: number;
}

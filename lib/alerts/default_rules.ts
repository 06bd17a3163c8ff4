import type { AlertRule } from "./alert_rule.ts";
import { ACCOUNT_RULES } from "./rules/account_rules.ts";
import { CHAIN_RULES } from "./rules/chain_rules.ts";
import { DELIVERY_RULES } from "./rules/delivery_rules.ts";
import { EVIDENCE_RULES } from "./rules/evidence_rules.ts";
import { HOST_RULES } from "./rules/host_rules.ts";
import { SECURITY_RULES } from "./rules/security_rules.ts";
import { TRANSACTION_RULES } from "./rules/transaction_rules.ts";

/**
 * The rules of everything that the product looks at. What they weigh is a contract with the checks:
 *
 * ```text
 * check                  subject            values                      degraded / failed
 * endpoint               endpoint's name    lagBlocks, p95Ms            answers late or wrongly / does not answer
 * quorum                 -                  healthyCount                fewer than wanted / no agreement is possible
 * contract-code          -                  -                           - / not there, or other code
 * contract-paused        -                  -                           - / writes are paused on the contract
 * contract-owner         -                  -                           handover under way / not the expected owner
 * balance                -                  runwayDays, balanceWei      - / the next anchor cannot be paid
 * gas-price              -                  gasPriceWei, capRatio       anchors are put off / above the cap
 * budget                 day or month       usedRatio                   - / used up
 * cost                   day or month       spent, projected, limit     projected above the limit / above it
 * success-rate           -                  successRatio, count         some failed / most failed
 * pending-age            -                  ageMs, pendingCount         older than usual / older than allowed
 * transaction-volume     -                  count, usualCount, limit    far from the usual / above the limit
 * transaction-integrity  -                  checkedCount                - / a recorded hash is not the chain's
 * transaction-stuck      nonce              ageMs                       waits for long / replacing did not help
 * log-writable           -                  -                           slow / cannot be written
 * disk-space             name of the disk   freeRatio, freeBytes        - / less than the next hours need
 * clock-skew             -                  skewMs                      noticeable / beyond what the chain takes
 * expiry                 what expires       daysLeft                    - / expired
 * job                    job's name         failureCount, ageMs         failed once, overran / failing, missed
 * audit                  -                  findingCount                - / findings
 * reconciliation         -                  differenceCount             differs in what heals / differs
 * backup                 target's name      ageMs                       older than wanted / failed or far too old
 * restore-drill          -                  ageMs                       overdue / failed
 * price                  -                  -                           old or missing / -
 * watchdog               -                  ageMs                       - / the dead-man switch was not reached
 *
 * of the alerts themselves, made by createAlerts:
 * channel                channel's name     failingMs                   - / takes nothing for 10 min, or refused something
 * dead-letters           channel's name     count                       some wait in the list
 * outbox                 channel's name     ageMs, count                -
 * alerts                 -                  droppedCount                - / more at once than are kept
 *
 * occurrences: foreign-transaction, reorganised, finality-violated, budget-exceeded, fee-capped, nonce-gap-filled,
 * clock-skew, deadline-passed, job-missed, job-overrun, job-crashed, permission-refused, authentication-failed,
 * authentication-burst, access-trail-cut, contract-owner-changed, contract-offered, contract-pause-changed,
 * contract-retired, contract-code-changed, rpc-method-unexpected, rpc-rate-unusual
 * ```
 *
 * A check whose answer nobody could get says `unknown`, with the reason.
 */
export const DEFAULT_RULES: readonly AlertRule[] = [
  ...CHAIN_RULES,
  ...ACCOUNT_RULES,
  ...TRANSACTION_RULES,
  ...EVIDENCE_RULES,
  ...HOST_RULES,
  ...SECURITY_RULES,
  ...DELIVERY_RULES,
];

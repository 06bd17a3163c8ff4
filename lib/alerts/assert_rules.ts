import { UsageError } from "../core/errors.ts";
import type { AlertRule } from "./alert_rule.ts";
import { ruleMistakes } from "./check_rules.ts";

/**
 * Lets rules through that are in order.
 *
 * @throws {UsageError} listing every mistake with its rule's name
 */
export function assertRules(
  rules: readonly AlertRule[],
  options: { readonly channels?: readonly string[] | undefined } = {},
): void {
  const facts = ruleMistakes(rules, options);
  if (facts.length === 0) return;
  throw new UsageError(
    `Cannot use the alert rules as ${facts.length} ${facts.length === 1 ? "thing is" : "things are"} wrong`,
    { facts, hint: "correct them in the section alerts of pot.jsonc; pot alerts rules shows those in use" },
  );
}

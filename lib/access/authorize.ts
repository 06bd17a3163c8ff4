import { PermissionError } from "./access_errors.ts";
import { PERMISSIONS, type Verb } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { isAtLeast } from "./roles.ts";

/** Whether a principal may do that. */
export function isAllowed({ role }: Pick<Principal, "role">, verb: Verb): boolean {
  return isAtLeast(role, PERMISSIONS[verb].role);
}

/**
 * The one place that decides: library, command line and server all ask here.
 *
 * @throws {PermissionError} naming role and verb, where the principal may not
 *
 * @example
 * ```ts
 * import { authorize, PermissionError } from "@pot/ops";
 * try {
 *   authorize({ name: "ci-trainer", role: "recorder" }, "anchor.send");
 * } catch (error) {
 *   console.log(error instanceof PermissionError); // true
 * }
 * ```
 */
export function authorize(principal: Principal, verb: Verb): void {
  if (!isAllowed(principal, verb)) throw new PermissionError(principal, verb);
}

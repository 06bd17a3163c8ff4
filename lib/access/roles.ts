/** Who may do what, from the least to the most: each role may do all that the ones before it may. */
export const ROLES = ["viewer", "recorder", "operator", "admin"] as const;

/** `viewer` reads · `recorder` records · `operator` sends, schedules and silences · `admin` owns keys, contract and tokens. */
export type Role = typeof ROLES[number];

/** Whether somebody with `role` may do what asks for `least`. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** The role of that name, or `undefined`. */
export function parseRole(text: string): Role | undefined {
  return ROLES.find((role) => role === text);
}

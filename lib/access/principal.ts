import type { Role } from "./roles.ts";

/** Who acts. */
export interface Principal {
  /** `local`, or the token's name. */
  readonly name: string;
  /** Says what he may do. */
  readonly role: Role;
  /** Which token says so; absent for `local`. No secret. */
  readonly tokenId?: string;
}

/** Whoever may write the home folder, where no tokens are asked for: what he may is the file system's rule. */
export const LOCAL_PRINCIPAL: Principal = { name: "local", role: "admin" };

/** How a principal is called in messages. */
export function describePrincipal({ name, tokenId }: Principal): string {
  return tokenId === undefined ? name : `the token ${name}`;
}

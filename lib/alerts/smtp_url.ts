import { isLoopback } from "../core/is_loopback.ts";

/** A mail server, as its URL says. */
export interface SmtpServer {
  /** Name or address, of IPv6 without its brackets. */
  readonly host: string;
  /** Where it listens. */
  readonly port: number;
  /** TLS from the first byte (`smtps:`); else STARTTLS. */
  readonly isImplicitTls: boolean;
  /** It is this machine: the only one that may be talked to in the clear. */
  readonly isLoopback: boolean;
  /** Who logs in; absent where nobody has to. */
  readonly user?: string;
  /** Secret. */
  readonly password?: string;
}

/** Finishes the sentence "must be …". */
export const SMTP_URL_FORM =
  "an smtp:// or smtps:// URL such as smtp://user:password@mail.example:587, special characters percent-encoded";

/** Reads such a URL; `undefined` where it is none. Without a port 587, or 465 for `smtps:`. */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  if (!URL.canParse(text) || !/^smtps?:\/\//i.test(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/i.test(hostname)) return undefined;
  if (!["", "/"].includes(pathname) || search !== "" || hash !== "") return undefined;
  // A user without a password, and the other way round, is a slip of the pen.
  if ((username === "") !== (password === "")) return undefined;
  const user = decode(username);
  const decoded = decode(password);
  if (user === undefined || decoded === undefined) return undefined;
  const isImplicitTls = protocol === "smtps:";
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (isImplicitTls ? 465 : 587) : Number(port),
    isImplicitTls,
    isLoopback: isLoopback(hostname.toLowerCase()),
    ...(user === "" ? {} : { user, password: decoded }),
  };
}

/** Neither broken escapes nor control characters, which would end a command. */
function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return /\p{Cc}/u.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

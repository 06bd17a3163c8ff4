import { UsageError } from "./errors.ts";
import { isLoopback } from "./is_loopback.ts";
import { redactUrl } from "./redact.ts";

/**
 * Reads the prefix of a service's URLs: HTTPS, or plain HTTP to this machine, without credentials, query and fragment. What comes
 * back has no slash at its end.
 *
 * @param subject what it is the URL of, such as `witness`
 * @throws {UsageError} for anything else; shows only scheme, host and port of it
 */
export function parseUrlPrefix(text: string, subject: string): string {
  const hint = "give a URL such as https://example.org/log; plain http:// is for this machine only";
  if (!URL.canParse(text)) {
    throw new UsageError(`Cannot use the ${subject} as its URL is malformed`, { hint });
  }
  const { protocol, hostname, username, password, search, hash, href } = new URL(text);
  const facts = [`${subject}: ${redactUrl(text)}`];
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) {
    throw new UsageError(`Cannot use the ${subject} as it is not HTTPS`, { facts, hint });
  }
  if (username !== "" || password !== "" || search !== "" || hash !== "") {
    throw new UsageError(`Cannot use the ${subject} as its URL has more than host, port and path`, {
      facts,
      hint: "leave out user, password, query and fragment",
    });
  }
  return href.replace(/\/+$/, "");
}

import { loadPackage } from "../io/load_package.ts";
import type { AlertChannel, Delivery } from "./alert_channel.ts";
import { deliveryOfSent, deliveryOfSmtpError } from "./email_delivery.ts";
import { emailMessage } from "./email_message.ts";
import { notLoaded } from "./post_json.ts";
import type { Severity } from "./severity.ts";
import type { SmtpServer } from "./smtp_url.ts";

/** From whom, to whom, and by which server mails go. */
export interface EmailChannelOptions {
  /** Where mails are handed in; holds a secret. */
  readonly server: SmtpServer;
  /** A bare address. */
  readonly from: string;
  /** Bare addresses, at least one. */
  readonly to: readonly string[];
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
  /** Nothing is sent before the connection is encrypted, with a certificate of the server's name. @default not on loopback */
  readonly isTlsRequired?: boolean;
  /** Certificates (PEM) of authorities to trust. @default the machine's */
  readonly certificateAuthorities?: readonly string[];
  /** For one mail. @default 30_000 */
  readonly timeoutMs?: number;
}

/** Of how many notifications is kept who has them already, while others still wait for theirs. */
const REMEMBERED = 1_000;

/**
 * Mail by SMTP, one for each notification, to all recipients; those of an incident form a thread. A recipient whose server asks to
 * wait is tried again by itself: the others are not sent the same mail twice by this process.
 */
export function createEmailChannel(options: EmailChannelOptions): AlertChannel {
  const { from, to, minSeverity } = options;
  const domain = from.slice(from.lastIndexOf("@") + 1);
  const served = new Map<string, ReadonlySet<string>>();
  return {
    name: "email",
    minSeverity,
    async send(notification, { thread, signal }) {
      const message = emailMessage(notification, { domain });
      const root = thread !== undefined && /^<[!-;=?-~]{1,200}>$/.test(thread) ? thread : undefined;
      const before = served.get(notification.id) ?? new Set();
      const { delivery, accepted } = await sendMail(options, {
        to: to.filter((address) => !before.has(address)),
        signal,
        mail: {
          from,
          to: [...to],
          ...message,
          ...(root === undefined ? {} : { inReplyTo: root, references: [root] }),
          // No answering machine answers, and none of the texts is taken for a file's name or an address.
          headers: { "Auto-Submitted": "auto-generated" },
          disableFileAccess: true,
          disableUrlAccess: true,
        },
      });
      served.delete(notification.id);
      if (delivery.outcome === "retry") {
        if (accepted.length > 0 || before.size > 0) {
          served.set(notification.id, new Set([...before, ...accepted]));
          for (const id of served.keys()) if (served.size > REMEMBERED) served.delete(id);
        }
        return delivery;
      }
      const told = { outcome: "accepted", thread: root ?? message.messageId } as const;
      if (delivery.outcome === "accepted") return { ...delivery, ...told };
      // Others have had it, so that it was not all in vain.
      return before.size === 0 ? delivery : { ...told, note: delivery.reason };
    },
  };
}

interface Attempt {
  readonly delivery: Delivery;
  /** Recipients whose server took it. */
  readonly accepted: readonly string[];
}

async function sendMail(
  { server, isTlsRequired = !server.isLoopback, certificateAuthorities, timeoutMs = 30_000, from }:
    EmailChannelOptions,
  { mail, to, signal }: {
    readonly mail: Readonly<Record<string, unknown>>;
    readonly to: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<Attempt> {
  signal.throwIfAborted();
  const nodemailer = await loadPackage("nodemailer").catch((error: unknown) =>
    notLoaded("nodemailer", error)
  );
  signal.throwIfAborted();
  if ("outcome" in nodemailer) return { delivery: nodemailer, accepted: [] };
  const { host, port, isImplicitTls, user, password } = server;
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: isImplicitTls,
    requireTLS: isTlsRequired,
    // On this machine what is offered is taken, by whatever certificate, and is no matter where it fails.
    opportunisticTLS: !isTlsRequired,
    tls: {
      rejectUnauthorized: isTlsRequired,
      ...(certificateAuthorities === undefined ? {} : { ca: [...certificateAuthorities] }),
    },
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    // What it says in its greeting; the machine's own name is not asked for.
    name: from.slice(from.lastIndexOf("@") + 1),
    // A server that does not close its side keeps nothing open here.
    socketCloseTimeout: 0,
    logger: false,
  });
  // One limit for all of it: below the library's own for each step.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const secrets = user === undefined || password === undefined ? [] : [
    password,
    // As they stand in AUTH LOGIN and AUTH PLAIN, which a server might repeat.
    ...[password, `\0${user}\0${password}`].map((text) => new TextEncoder().encode(text).toBase64()),
  ];
  try {
    const sent = await transport.sendMail({
      ...mail,
      envelope: { from, to: [...to] },
      signal: AbortSignal.any([signal, limit.signal]),
    });
    return { delivery: deliveryOfSent(sent, secrets), accepted: sent.accepted };
  } catch (error) {
    signal.throwIfAborted();
    const delivery: Delivery = limit.signal.aborted
      ? { outcome: "retry", reason: `no answer in ${timeoutMs} ms` }
      : deliveryOfSmtpError(error, secrets);
    return { delivery, accepted: [] };
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

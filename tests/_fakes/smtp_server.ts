import type { Socket } from "node:net";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import type { SmtpServer } from "../../lib/alerts/smtp_url.ts";
import { createIncidentRecord, type IncidentRecord } from "./alert_server.ts";
import { eventOfLabel } from "./slack_server.ts";
import { TEST_CERTIFICATE } from "./test_certificate.ts";

/** One mail that arrived. */
export interface ReceivedMail {
  readonly from: string;
  /** Who it was handed in for, which the headers need not say. */
  readonly recipients: readonly string[];
  /** The connection was encrypted. */
  readonly isEncrypted: boolean;
  /** Who had logged in. */
  readonly user?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references: readonly string[];
  /** Every header line's name, in lower case, in order. */
  readonly headers: readonly string[];
}

/** Where in the exchange a fault strikes, and with what reply: a code from 400 on, no reply, or the end of the connection. */
export interface MailFault {
  readonly at: "connect" | "auth" | "from" | "recipient" | "data";
  readonly reply: number | "hang" | "cut";
  /** Only for this recipient. */
  readonly recipient?: string;
}

/** A real SMTP server on loopback. */
export interface MailServer extends AsyncDisposable {
  /** How a channel reaches it, with the right password. */
  readonly server: SmtpServer;
  /** As `POT_SMTP_URL`. */
  readonly url: string;
  /** Certificate of the authority that signed its own. */
  readonly certificate: string;
  readonly mails: readonly ReceivedMail[];
  readonly incidents: IncidentRecord;
  /** Faults there are now; may change at any time. */
  faults: readonly MailFault[];
  /** How many connections it has open. */
  readonly connections: number;
}

export interface MailServerOptions {
  /** TLS from the first byte. @default false */
  readonly isImplicitTls?: boolean;
  /** Whether STARTTLS is offered. @default true */
  readonly hasStartTls?: boolean;
}

const USER = "pot";
const PASSWORD = "p@ss:word/secret";

/** Starts one; it stops when it is disposed. */
export async function startMailServer(
  { isImplicitTls = false, hasStartTls = true }: MailServerOptions = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const incidents = createIncidentRecord();
  const sockets = new Set<Socket>();
  let lastConnectedAtMs = 0;

  /** Whether a fault has struck; it answers then. */
  function struck(
    at: MailFault["at"],
    answer: (error: Error) => void,
    { session, recipient }: { readonly session: object; readonly recipient?: string },
  ): boolean {
    const fault = self.faults.find((fault) =>
      fault.at === at && (fault.recipient === undefined || fault.recipient === recipient)
    );
    if (fault === undefined) return false;
    if (fault.reply === "cut") {
      for (const connection of server.connections) {
        const { session: open, _socket } = connection as unknown as { session: object; _socket: Socket };
        if (open === session) _socket.destroy();
      }
    } else if (fault.reply !== "hang") {
      answer(Object.assign(new Error(`fault ${fault.reply}`), { responseCode: fault.reply }));
    }
    return true;
  }

  const server = new SMTPServer({
    secure: isImplicitTls,
    ...TEST_CERTIFICATE,
    disabledCommands: hasStartTls ? [] : ["STARTTLS"],
    authOptional: false,
    // A client that wants none decides that itself.
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    logger: false,
    onConnect(session, callback) {
      if (!struck("connect", callback, { session })) callback();
    },
    onAuth({ username, password }, session, callback) {
      if (struck("auth", callback, { session })) return;
      if (username === USER && password === PASSWORD) return callback(null, { user: username });
      callback(Object.assign(new Error("Invalid username or password"), { responseCode: 535 }));
    },
    onMailFrom(_address, session, callback) {
      if (!struck("from", callback, { session })) callback();
    },
    onRcptTo({ address }, session, callback) {
      if (!struck("recipient", callback, { session, recipient: address })) callback();
    },
    onData(stream, session, callback) {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
      stream.on("end", async () => {
        if (struck("data", callback, { session })) return;
        const { mailFrom, rcptTo } = session.envelope;
        const raw = new Uint8Array(await new Blob(chunks.map((chunk) => chunk.slice())).arrayBuffer());
        const mail = await readMail(raw, {
          from: mailFrom === false ? "" : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: String(session.user ?? ""),
        });
        mails.push(mail);
        incidents.add(...incidentOf(mail));
        callback(null, "queued");
      });
    },
  });
  server.on("error", () => {/* A connection that a client gave up is its own business. */});
  const listening = Promise.withResolvers<void>();
  const { server: listener } = server;
  listener.on("connection", (socket: Socket) => {
    sockets.add(socket);
    lastConnectedAtMs = Date.now();
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    // Before the library's greeting, which it is late with on purpose.
    if (self.faults.some(({ at, reply }) => at === "connect" && reply === "cut")) socket.destroy();
  });
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const { port } = listener.address() as { readonly port: number };
  const self: MailServer = {
    server: { host: "localhost", port, isImplicitTls, isLoopback: true, user: USER, password: PASSWORD },
    url: `${isImplicitTls ? "smtps" : "smtp"}://${USER}:${encodeURIComponent(PASSWORD)}@localhost:${port}`,
    certificate: TEST_CERTIFICATE.cert,
    mails,
    incidents,
    faults: [],
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      for (const socket of sockets) socket.destroy();
      // The library greets after 100 ms, and does not take that timer back where the client has gone.
      const restMs = lastConnectedAtMs + 120 - Date.now();
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
  return self;
}

async function readMail(
  raw: Uint8Array,
  envelope: Pick<ReceivedMail, "from" | "recipients" | "isEncrypted" | "user">,
): Promise<ReceivedMail> {
  const { Buffer } = await import("node:buffer");
  const parsed = await simpleParser(Buffer.from(raw));
  const { subject = "", text = "", html, messageId = "", inReplyTo, references = [], headerLines } = parsed;
  return {
    ...envelope,
    subject,
    text,
    html: html === false ? "" : html ?? "",
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    references: typeof references === "string" ? [references] : references,
    headers: headerLines.map(({ key }) => key),
  };
}

function incidentOf({ text }: ReceivedMail): Parameters<ReturnType<typeof createIncidentRecord>["add"]> {
  const key = /^incident: (.*)$/m.exec(text)?.[1] ?? "";
  const label = /^([A-Z, ]+):/.exec(text)?.[1] ?? "";
  return [key, eventOfLabel(label, /^state: message$/m.test(text))];
}

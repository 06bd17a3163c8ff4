import assert from "node:assert/strict";
import { createEmailChannel, type EmailChannelOptions } from "../../../lib/alerts/email_channel.ts";
import type { Delivery } from "../../../lib/alerts/alert_channel.ts";
import { notification } from "../../_fakes/notification.ts";
import { type MailFault, type MailServer, startMailServer } from "../../_fakes/smtp_server.ts";

const { signal } = new AbortController();
const FROM = "pot@training.example";

function channelOf(server: MailServer, parts: Partial<EmailChannelOptions> = {}) {
  return createEmailChannel({
    server: server.server,
    from: FROM,
    to: ["ops@example.org", "night@example.org"],
    minSeverity: "info",
    isTlsRequired: true,
    certificateAuthorities: [server.certificate],
    timeoutMs: 5_000,
    ...parts,
  });
}

for (const isImplicitTls of [false, true]) {
  const how = isImplicitTls ? "TLS from the first byte" : "STARTTLS";
  Deno.test(`createEmailChannel() threads an incident's mails, over ${how}, logged in`, async () => {
    await using server = await startMailServer({ isImplicitTls });
    const first = await channelOf(server).send(notification(), { signal });
    const [trigger] = server.mails;
    const thread = trigger!.messageId;
    assert.deepEqual(first, { outcome: "accepted", thread });
    assert.match(thread, /^<[0-9a-f]{32}\.[0-9a-f]{32}@training\.example>$/);
    // Another process goes on.
    const last = await channelOf(server).send(notification({ kind: "resolve" }), { thread, signal });
    assert.deepEqual(last, { outcome: "accepted", thread });
    const resolve = server.mails[1]!;
    assert.deepEqual([resolve.inReplyTo, resolve.references], [thread, [thread]]);
    assert.notEqual(resolve.messageId, thread);
    assert.deepEqual(server.incidents.of("endpoint-down/main"), ["trigger", "resolve"]);
    for (const mail of server.mails) {
      assert.deepEqual([mail.isEncrypted, mail.user, mail.from], [true, "pot", FROM]);
      assert.deepEqual(mail.recipients, ["ops@example.org", "night@example.org"]);
      assert.ok(mail.headers.includes("auto-submitted"));
    }
    assert.equal(trigger!.subject, "[pot-prod@host-1] CRITICAL: the endpoint main does not answer");
    assert.equal(resolve.subject, "[pot-prod@host-1] RESOLVED: the endpoint main does not answer");
  });
}

Deno.test("createEmailChannel() shows all that an alert carries, as text and as HTML", async () => {
  await using server = await startMailServer();
  await channelOf(server).send(notification({ message: "a < b & 'c' \"d\"" }), { signal });
  const { text, html } = server.mails[0]!;
  assert.equal(
    text,
    [
      `CRITICAL: a < b & 'c' "d"`,
      "",
      "Try first: pot network test",
      "",
      "failure: no answer in 10000 ms",
      "attempts: 5",
      "",
      "timestamp: 2026-11-22T10:05:00.000Z",
      "severity: critical",
      "state: firing",
      "since: 2026-11-22T10:00:00.000Z",
      "source: pot-prod@host-1",
      "fingerprint: endpoint-down:main",
      "incident: endpoint-down/main",
      "",
    ].join("\n"),
  );
  assert.match(html, /<strong>CRITICAL<\/strong>: a &lt; b &amp; &#39;c&#39; &quot;d&quot;<\/p>/);
  for (const shown of ["pot network test", "no answer in 10000 ms", "firing", "endpoint-down:main"]) {
    assert.ok(html.includes(shown), shown);
  }
});

Deno.test("createEmailChannel() lets no text into the headers", async () => {
  await using server = await startMailServer();
  const plain = await channelOf(server).send(notification(), { signal });
  assert.equal(plain.outcome, "accepted");
  const hostile = "x\r\nBcc: thief@example.net\r\n\r\nbody\n.\r\nMAIL FROM:<a@b>";
  const delivery = await channelOf(server).send(
    notification({ message: hostile, source: hostile, details: { [hostile]: hostile } }),
    { thread: "<a@b>\r\nBcc: thief@example.net", signal },
  );
  assert.equal(delivery.outcome, "accepted");
  const [first, mail] = server.mails;
  assert.deepEqual(mail!.headers, first!.headers);
  assert.deepEqual(mail!.recipients, first!.recipients);
  assert.match(mail!.subject, /Bcc: thief@example\.net/);
  assert.equal(mail!.inReplyTo, undefined);
});

Deno.test("createEmailChannel() sends nothing in the clear but to this machine", async () => {
  await using server = await startMailServer({ hasStartTls: false });
  const refused = await channelOf(server).send(notification(), { signal });
  // 5yz to STARTTLS: this server will not learn it.
  assert.equal(refused.outcome, "refused");
  assert.match((refused as { readonly reason: string }).reason, /^ETLS: /);
  assert.equal(server.mails.length, 0);
  const loopback = createEmailChannel({
    server: server.server,
    from: FROM,
    to: ["ops@example.org"],
    minSeverity: "info",
  });
  assert.equal((await loopback.send(notification(), { signal })).outcome, "accepted");
  assert.deepEqual(server.mails.map(({ isEncrypted }) => isEncrypted), [false]);
  // What the default is for a server that is not this machine.
  const elsewhere = createEmailChannel({
    server: { ...server.server, isLoopback: false },
    from: FROM,
    to: ["ops@example.org"],
    minSeverity: "info",
  });
  assert.equal((await elsewhere.send(notification(), { signal })).outcome, "refused");
  assert.equal(server.mails.length, 1);
});

Deno.test("createEmailChannel() takes no certificate but one that it can check", async () => {
  await using server = await startMailServer();
  const { certificateAuthorities: _, ...options } = { ...optionsOf(server), certificateAuthorities: [] };
  const delivery = await createEmailChannel(options).send(notification(), { signal });
  assert.equal(delivery.outcome, "retry");
  const otherName = { ...server.server, host: "127.0.0.1" };
  const wrongName = await channelOf(server, { server: otherName }).send(notification(), { signal });
  assert.equal(wrongName.outcome, "retry");
  assert.equal(server.mails.length, 0);
  const loopback = await channelOf(server, { server: otherName, isTlsRequired: false }).send(notification(), {
    signal,
  });
  assert.equal(loopback.outcome, "accepted");
  assert.equal(server.mails[0]!.isEncrypted, true);
});

function optionsOf({ server }: MailServer): EmailChannelOptions {
  return { server, from: FROM, to: ["ops@example.org"], minSeverity: "info", isTlsRequired: true };
}

Deno.test("createEmailChannel() says what each reply means", async () => {
  await using server = await startMailServer();
  const cases: readonly (readonly [fault: MailFault, outcome: Delivery["outcome"], reason: RegExp])[] = [
    [{ at: "connect", reply: 421 }, "retry", /421/],
    [{ at: "connect", reply: 554 }, "refused", /554/],
    [{ at: "auth", reply: 454 }, "retry", /^EAUTH: .*454/],
    [{ at: "auth", reply: 535 }, "refused", /^EAUTH: .*535/],
    [{ at: "from", reply: 451 }, "retry", /451/],
    [{ at: "from", reply: 550 }, "refused", /550/],
    [{ at: "recipient", reply: 450 }, "retry", /450/],
    [{ at: "recipient", reply: 550 }, "refused", /550/],
    [{ at: "data", reply: 452 }, "retry", /452/],
    [{ at: "data", reply: 552 }, "refused", /552/],
    [{ at: "connect", reply: "cut" }, "retry", /^ECONNECTION: |^ESOCKET: /],
    [{ at: "from", reply: "cut" }, "retry", /^ECONNECTION: |^ESOCKET: /],
    [{ at: "data", reply: "cut" }, "retry", /^ECONNECTION: |^ESOCKET: /],
  ];
  for (const [fault, outcome, reason] of cases) {
    server.faults = [fault];
    const delivery = await channelOf(server).send(notification(), { signal });
    assert.equal(delivery.outcome, outcome, JSON.stringify([fault, delivery]));
    assert.match((delivery as { readonly reason: string }).reason, reason);
  }
  server.faults = [];
  const wrong = { ...server.server, password: "hunter2hunter2" };
  const refused = await channelOf(server, { server: wrong }).send(notification(), { signal });
  assert.equal(refused.outcome, "refused");
  assert.doesNotMatch(JSON.stringify(refused), /hunter2/);
  assert.equal(server.mails.length, 0);
  await server[Symbol.asyncDispose]();
  const gone = await channelOf(server).send(notification(), { signal });
  assert.equal(gone.outcome, "retry");
  assert.match((gone as { readonly reason: string }).reason, /^ESOCKET: .*refused$/i);
});

Deno.test("createEmailChannel() gives up on silence, and at once when told to stop, with nothing left open", async () => {
  await using server = await startMailServer();
  for (const at of ["connect", "auth", "data"] as const) {
    server.faults = [{ at, reply: "hang" }];
    assert.deepEqual(await channelOf(server, { timeoutMs: 150 }).send(notification(), { signal }), {
      outcome: "retry",
      reason: "no answer in 150 ms",
    });
  }
  const stop = new AbortController();
  const sending = channelOf(server).send(notification(), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped")), 30);
  await assert.rejects(() => sending, /^Error: stopped$/);
  await assert.rejects(
    () => channelOf(server).send(notification(), { signal: stop.signal }),
    /^Error: stopped$/,
  );
});

Deno.test("createEmailChannel() tries only those again whose server asked to wait, and tells of those who do not exist", async () => {
  await using server = await startMailServer();
  const channel = channelOf(server);
  server.faults = [{ at: "recipient", recipient: "night@example.org", reply: 450 }];
  for (let attempt = 0; attempt < 2; attempt++) {
    const waiting = await channel.send(notification(), { signal });
    assert.equal(waiting.outcome, "retry");
    assert.match((waiting as { readonly reason: string }).reason, /^night@example\.org: .*450/);
  }
  server.faults = [];
  assert.equal((await channel.send(notification(), { signal })).outcome, "accepted");
  assert.deepEqual(server.mails.map(({ recipients }) => recipients), [["ops@example.org"], [
    "night@example.org",
  ]]);

  server.faults = [{ at: "recipient", recipient: "night@example.org", reply: 550 }];
  const noted = await channel.send(notification({ id: "another" }), { signal });
  assert.match((noted as { readonly note: string }).note, /^night@example\.org: .*550/);
  assert.equal(noted.outcome, "accepted");

  server.faults = [{ at: "recipient", recipient: "night@example.org", reply: 450 }];
  await channel.send(notification({ id: "third" }), { signal });
  server.faults = [{ at: "recipient", recipient: "night@example.org", reply: 550 }];
  const last = await channel.send(notification({ id: "third" }), { signal });
  assert.equal(last.outcome, "accepted");
  assert.match((last as { readonly note: string }).note, /550/);
});

Deno.test("createEmailChannel() leaves nothing open to a server that never closes its side", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { port } = listener.addr as Deno.NetAddr;
  const channel = createEmailChannel({
    server: { host: "127.0.0.1", port, isImplicitTls: false, isLoopback: true },
    from: FROM,
    to: ["ops@example.org"],
    minSeverity: "info",
    timeoutMs: 100,
  });
  assert.deepEqual(await channel.send(notification(), { signal }), {
    outcome: "retry",
    reason: "no answer in 100 ms",
  });
  // Not before the sanitizers have looked at the client's side.
  using connection = await accepted;
  assert.equal(await connection.read(new Uint8Array(1)), null);
  listener.close();
});

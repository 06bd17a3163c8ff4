import assert from "node:assert/strict";
import { expiryCheck } from "../../jobs/checks/expiry_check.ts";
import { createExpiries, type ListExpiriesDeps } from "../../jobs/list_expiries.ts";
import { UnreachableError } from "../../lib/core/errors.ts";
import { readCertificateExpiry } from "../../lib/io/read_certificate_expiry.ts";
import type { Config } from "../../lib/runtime/config.ts";
import { TEST_CERTIFICATE } from "../_fakes/test_certificate.ts";
import { serveTls } from "../_fakes/tls_server.ts";

const signal = new AbortController().signal;
const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-11-22T00:00:00.000Z");
const UNTIL_2126 = Date.parse("2126-10-29T22:57:41Z");

type Tokens = Awaited<ReturnType<ListExpiriesDeps["tokens"]["list"]>>;
const token = (name: string, days: number, changes: Partial<Tokens[number]> = {}): Tokens[number] => ({
  id: "00000000",
  name,
  role: "recorder",
  hash: "0".repeat(64),
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: new Date(NOW + days * DAY_MS).toISOString(),
  ...changes,
});

function list(
  { tokens = [], evm, now = () => NOW, readExpiry, ca }: {
    readonly tokens?: Tokens;
    readonly evm?: Config["evm"];
    readonly now?: () => number;
    readonly readExpiry?: typeof readCertificateExpiry;
    readonly ca?: string;
  },
) {
  return createExpiries({
    config: { ...(evm && { evm }), ...(ca === undefined ? {} : { caFile: "/ca.pem" }) },
    tokens: { list: () => Promise.resolve(tokens) },
    files: { read: () => Promise.resolve(ca === undefined ? undefined : new TextEncoder().encode(ca)) },
    clock: { now },
    ...(readExpiry && { readExpiry }),
  });
}
const evmOf = (...rpcUrls: readonly string[]) => ({ rpcUrls }) as unknown as Config["evm"] & object;

Deno.test("createExpiries() names each token once, and tells which are over", async () => {
  const tokens = [
    token("ci", -1, { revokedAt: "2026-11-01T00:00:00.000Z" }),
    token("ci", 30),
    token("old", -1),
    token("older", -8),
    token("gone", 90, { revokedAt: "2026-11-01T00:00:00.000Z" }),
  ];
  const check = expiryCheck({ expiries: list({ tokens }), now: () => NOW });
  assert.deepEqual(
    (await check.look({ signal })).map(({ subject, status, reason }) => [subject, status, reason]),
    [
      ["token ci", "ok", "expires on 2026-12-22, in 30 days"],
      ["token old", "failed", "expired on 2026-11-21"],
      ["token older", "ok", "it expired long ago, and nobody renewed it"],
      ["token gone", "ok", "it was revoked"],
    ],
  );
});

Deno.test("createExpiries() looks at endpoints' certificates now and then, and keeps what it saw", async () => {
  const asked: string[] = [];
  let nowMs = NOW;
  let isUp = true;
  const expiries = list({
    evm: evmOf("https://a.example/key", "http://127.0.0.1:8545", "wss://b.example:8443/key"),
    now: () => nowMs,
    readExpiry: ({ hostname, port }) => {
      asked.push(`${hostname} ${port}`);
      return isUp ? Promise.resolve(NOW + DAY_MS) : Promise.reject(new UnreachableError("down"));
    },
  });
  const expected = [
    { name: "certificate of endpoint-1", atMs: NOW + DAY_MS },
    { name: "certificate of endpoint-3", atMs: NOW + DAY_MS },
  ];
  assert.deepEqual(await expiries({ signal }), expected);
  assert.deepEqual(asked, ["a.example undefined", "b.example 8443"]);
  nowMs += 3_600_000;
  await expiries({ signal });
  assert.equal(asked.length, 2);
  nowMs += DAY_MS;
  isUp = false;
  assert.deepEqual(await expiries({ signal }), expected);
  assert.equal(asked.length, 4);
});

Deno.test("createExpiries() reads the pinned certificate authorities", async () => {
  const expiries = list({ ca: `# ours\n${TEST_CERTIFICATE.cert}\n${TEST_CERTIFICATE.cert}` });
  assert.deepEqual(await expiries({ signal }), [
    { name: "pinned certificate 1", atMs: UNTIL_2126 },
    { name: "pinned certificate 2", atMs: UNTIL_2126 },
  ]);
});

Deno.test("readCertificateExpiry() reads the date off a real handshake, and gives up in time", async () => {
  await using server = serveTls(TEST_CERTIFICATE);
  const [hostname, port] = server.host.split(":");
  const at = { hostname: hostname!, port: Number(port) };
  assert.equal(await readCertificateExpiry(at), UNTIL_2126);
  assert.equal(server.requestCount, 0);
  // A server that takes the connection and says nothing.
  using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const silent = { hostname: "127.0.0.1", port: (mute.addr as Deno.NetAddr).port };
  await assert.rejects(readCertificateExpiry({ ...silent, timeoutMs: 50 }), {
    name: "UnreachableError",
    facts: [`server: 127.0.0.1:${silent.port}`, "reason: no handshake in 50 ms"],
  });
  await assert.rejects(readCertificateExpiry({ ...silent, signal: AbortSignal.abort(new Error("stop")) }), {
    message: "stop",
  });
  await assert.rejects(readCertificateExpiry({ hostname: "127.0.0.1", port: 1 }), UnreachableError);
});

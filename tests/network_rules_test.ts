import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createSourceService } from "../lib/chain/source_service.ts";
import { UnreachableError, UsageError } from "../lib/core/errors.ts";
import { TlsError } from "../lib/core/tls_error.ts";
import { httpRequest } from "../lib/io/http_request.ts";
import { createAwsSsmKeySource } from "../lib/keys/aws_ssm_key_source.ts";
import { createVaultKeySource } from "../lib/keys/vault_key_source.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { createRacingClock } from "./_fakes/racing_clock.ts";
import { createThrowawayCa } from "./_fakes/throwaway_ca.ts";
import { serveTls } from "./_fakes/tls_server.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The only files that open connections by themselves, and what keeps each to the rules. */
const CONNECTING: Readonly<Record<string, string>> = {
  "lib/io/http_request.ts": "the one way to ask over HTTP",
  "lib/chain/http_endpoint.ts": "RPC; its URL is checked by json_rpc_endpoint.ts, redirects are manual",
  "lib/chain/websocket_endpoint.ts": "RPC; its URL is checked by json_rpc_endpoint.ts",
  "lib/chain/source_service.ts": "checks its address, redirects are manual",
  "lib/chain/devnet.ts": "asks the node that it started, on this machine",
  "lib/io/read_certificate_expiry.ts": "a handshake that looks at a certificate and sends nothing",
  "lib/log/postgres_client.ts": "PostgreSQL's own protocol, TLS by postgres_url.ts",
  "cli/chaos/chaos_proxy.ts": "passes on to a node on this machine",
};

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

Deno.test("nothing opens connections but the files that keep the rules", async () => {
  const opens =
    /(?<![\w.])(?:await |return )fetch\(|new WebSocket\(|Deno\.connect|globalThis\.fetch\(|new Socket\(|"node:(?:https?|tls|http2)"/;
  const found: string[] = [];
  for (const folder of ["lib", "cli", "jobs"]) {
    for await (const path of sources(folder)) {
      const code = (await Deno.readTextFile(join(ROOT, path))).replace(/^\s*(?:\*|\/\/).*$/gm, "");
      if (opens.test(code)) found.push(path);
    }
  }
  assert.deepEqual(
    found.filter((path) => !(path in CONNECTING)),
    [],
    "use httpRequest, or say here how it keeps the rules",
  );
  assert.ok(found.includes("lib/io/http_request.ts") && found.includes("lib/chain/websocket_endpoint.ts"));
});

/** A server that sends everybody on to another one, and says whether anybody went there. */
function startRedirect(status: number) {
  let wentOn = 0;
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    wentOn++;
    return Response.json({ jsonrpc: "2.0", id: 1, result: "0x1" });
  });
  const location = `http://127.0.0.1:${other.addr.port}/elsewhere`;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status, headers: { location } }),
  );
  return {
    host: `127.0.0.1:${server.addr.port}`,
    wentOn: () => wentOn,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await other.shutdown();
    },
  };
}

Deno.test("nobody follows a redirect", async () => {
  for (const status of [301, 307]) {
    await using redirect = startRedirect(status);
    const { host } = redirect;
    const pool = (url: string) =>
      createEndpointPool({
        urls: [url],
        chainId: 1,
        clock: createRacingClock(),
        rounds: 1,
        timeoutMs: 2_000,
      });
    await assert.rejects(() => pool(`http://${host}/`).read("eth_blockNumber"), UnreachableError);
    await assert.rejects(() => pool(`ws://${host}/`).read("eth_blockNumber"), UnreachableError);
    const answer = await httpRequest(`http://${host}/`, { timeoutMs: 2_000, maxBytes: 99 });
    assert.equal(answer.status, status);
    const service = createSourceService({ url: `http://${host}`, clock: systemClock });
    assert.equal((await service.ask("/x") as { readonly status: number }).status, status);
    const vault = createVaultKeySource(
      {
        url: `http://${host}`,
        mount: "secret",
        path: "pot",
        field: "private_key",
        token: "t",
        timeoutMs: 2_000,
      } as Parameters<typeof createVaultKeySource>[0],
    );
    await assert.rejects(() => vault.open());
    const aws = createAwsSsmKeySource(
      {
        region: "eu-west-1",
        endpoint: `http://${host}`,
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
      } as Parameters<typeof createAwsSsmKeySource>[0],
    );
    await assert.rejects(() => aws.open());
    assert.equal(redirect.wentOn(), 0);
    // An idle WebSocket connection is let go after half a second.
    await systemClock.sleep(600);
  }
});

Deno.test("httpRequest() sends nothing over plain HTTP to another machine", async () => {
  const fetch = () => assert.fail("asked");
  for (const url of ["http://192.0.2.1/key", "http://example.org/", "ftp://example.org/", "nonsense"]) {
    await assert.rejects(
      () => httpRequest(url, { fetch, timeoutMs: 1_000, maxBytes: 9 }),
      (error) => error instanceof UsageError && !error.facts.join().includes("key"),
    );
  }
});

Deno.test("a certificate that is not accepted is told, not tried again, and the next endpoint is asked", async () => {
  const ca = await createThrowawayCa("nobody knows it");
  await using server = serveTls(await ca.issue());
  const good = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.json();
    const answer = ({ id }: { readonly id: number }) => ({ jsonrpc: "2.0", id, result: "0x1" });
    return Response.json(Array.isArray(body) ? body.map(answer) : answer(body));
  });
  try {
    const told: string[] = [];
    const pool = createEndpointPool({
      urls: [`https://${server.host}/key`, `http://127.0.0.1:${good.addr.port}/`],
      chainId: 1,
      clock: createRacingClock(),
      onUntrusted: ({ endpoint, failure }) => told.push(`${endpoint}: ${failure.detail}`),
    });
    for (let read = 0; read < 3; read++) assert.equal(await pool.read("eth_blockNumber"), "0x1");
    assert.deepEqual(told, [
      `https://${server.host}/[secret]: its certificate is of no authority that is trusted`,
    ]);
    assert.equal(server.connectionCount, 1);

    const alone = createEndpointPool({
      urls: [`https://${server.host}/key`],
      chainId: 1,
      clock: createRacingClock(),
    });
    await assert.rejects(() => alone.read("eth_blockNumber"), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(error.hint!, /POT_CA_FILE/);
      assert.deepEqual(error.facts, [
        `https://${server.host}/[secret]: its certificate is of no authority that is trusted`,
      ]);
      return true;
    });
    assert.equal(server.connectionCount, 2);

    const ask = () => httpRequest(`https://${server.host}/key`, { timeoutMs: 2_000, maxBytes: 9 });
    await assert.rejects(ask, TlsError);
    const service = createSourceService({ url: `https://${server.host}`, clock: createRacingClock() });
    await assert.rejects(
      () => service.until("publish", async () => ({ done: await service.ask("/x") })),
      TlsError,
    );
    assert.equal(server.connectionCount, 4);
    assert.equal(server.requestCount, 0);
  } finally {
    await good.shutdown();
  }
});

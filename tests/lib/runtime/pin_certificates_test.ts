import assert from "node:assert/strict";
import { join } from "node:path";
import { pinCertificates } from "../../../lib/runtime/pin_certificates.ts";
import { UsageError } from "../../../lib/core/errors.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";
import { createThrowawayCa } from "../../_fakes/throwaway_ca.ts";
import { serveTls } from "../../_fakes/tls_server.ts";

const ASKER = new URL("../../_fakes/ask_over_tls.ts", import.meta.url).pathname;

const ROOT = new URL("../../../", import.meta.url).pathname;

/** How each way of asking ended. */
interface Asked {
  readonly http: string;
  readonly rpc: string;
  readonly webSocket: string;
  readonly node: string;
}

/** Authorities are read once a process, so each list takes one of its own. */
async function ask(caFile: string, hosts: readonly string[]): Promise<Readonly<Record<string, Asked>>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "-A", ASKER, caFile, ...hosts],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("pinCertificates() has everything that connects trust one file of authorities and no other", (t) =>
  inTemporaryFolder(async (folder) => {
    const [ours, theirs] = await Promise.all([createThrowawayCa("ours"), createThrowawayCa("theirs")]);
    const oursFile = join(folder, "ours.pem");
    const theirsFile = join(folder, "theirs.pem");
    await Deno.writeTextFile(oursFile, ours.pem);
    await Deno.writeTextFile(theirsFile, theirs.pem);
    await using good = serveTls(await ours.issue());
    await using other = serveTls(await ours.issue({ name: "other.example" }));
    await using expired = serveTls(await ours.issue({ isExpired: true }));

    await t.step("the right authority is accepted; another name and an old certificate are not", async () => {
      const asked = await ask(oursFile, [good.host, other.host, expired.host]);
      assert.deepEqual(asked[good.host], { http: "ok 200", rpc: "ok 0x1", webSocket: "ok 0x1", node: "ok" });
      for (
        const [{ host }, reason, code] of [
          [other, "its certificate is of another name", "ERR_TLS_CERT_ALTNAME_INVALID"],
          [expired, "its certificate has expired", undefined],
        ] as const
      ) {
        const { http, rpc, webSocket, node } = asked[host]!;
        assert.equal(
          http,
          `TlsError; Cannot tell as the other side could not show who it is; asked: https://${host}/; reason: ${reason}`,
        );
        const unanswered = "NoAnswerError; Cannot read from the chain as no RPC endpoint gave an answer";
        assert.equal(rpc, `${unanswered}; https://${host}/: ${reason}`);
        assert.equal(webSocket, `${unanswered}; wss://${host}/: ${reason}`);
        assert.match(node, code === undefined ? /^refused / : new RegExp(`^refused ${code}$`));
      }
      // One connection each way of asking, and nobody tried again; Deno's own WebSocket takes two for one try.
      assert.equal(other.connectionCount, 5);
      assert.equal(expired.connectionCount, 5);
      assert.equal(other.requestCount + expired.requestCount, 0);
    });

    await t.step("another authority is refused, and so is whom this machine trusts anyway", async () => {
      const before = good.requestCount;
      const asked = await ask(theirsFile, [good.host]);
      const reason = "its certificate is of no authority that is trusted";
      assert.match(asked[good.host]!.http, new RegExp(`${reason}$`));
      assert.match(asked[good.host]!.rpc, new RegExp(`${reason}$`));
      assert.match(asked[good.host]!.webSocket, new RegExp(`${reason}$`));
      assert.match(asked[good.host]!.node, /^refused /);
      assert.equal(good.requestCount, before);
    });

    await t.step("a command that reads no configuration has POT_CA_FILE too", async () => {
      const key = "pot/4b8b80b530a7e5d4+0b62e165+ARc9WiL15iQ+aJwleXBZdKdyVEw+0nPmtnHeEy1pq/7G";
      const check = async (caFile: string) => {
        const { stderr, stdout } = await new Deno.Command(Deno.execPath(), {
          args: [
            ...["run", "--no-lock", "-A", `--config=${ROOT}deno.json`, `${ROOT}cli/main.ts`],
            ...["log", "serve-check", `https://${good.host}`, "--log-key", key],
          ],
          env: { POT_CA_FILE: caFile, NODE_EXTRA_CA_CERTS: oursFile },
        }).output();
        return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      };
      assert.match(await check(theirsFile), /could not show who it is|of no authority that is trusted/);
      assert.doesNotMatch(await check(oursFile), /show who it is|authority/);
    });

    await t.step("it replaces what this machine trusts", async () => {
      // The machine's own list, with our authority in it, as Deno has it from the environment.
      const environment = {
        DENO_TLS_CA_STORE: "system",
        SSL_CERT_FILE: oursFile,
        NODE_EXTRA_CA_CERTS: oursFile,
      };
      const run = async (caFile: string) => {
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--no-lock", "-A", ASKER, caFile, good.host],
          env: environment,
        }).output();
        return JSON.parse(new TextDecoder().decode(stdout))[good.host] as Asked;
      };
      assert.equal((await run("-")).http, "ok 200");
      const pinned = await run(theirsFile);
      assert.match(pinned.http, /^TlsError/);
      assert.match(pinned.webSocket, /^NoAnswerError/);
      assert.match(pinned.node, /^refused /);
    });
  }));

Deno.test("pinCertificates() refuses a file that is none, and changes nothing", () =>
  inTemporaryFolder(async (folder) => {
    const before = Deno.env.get("DENO_TLS_CA_STORE");
    const empty = join(folder, "empty.pem");
    await Deno.writeTextFile(empty, "-----BEGIN CERTIFICATE-----");
    for (const [path, reason] of [[empty, "it holds no certificate in PEM"], [join(folder, "none"), ""]]) {
      await assert.rejects(() => pinCertificates(path!), (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.message, "Cannot trust the certificate authorities of the file");
        assert.ok(error.facts.includes(`file: ${path}`));
        return reason === "" || error.facts.includes(`reason: ${reason}`);
      });
    }
    assert.equal(Deno.env.get("DENO_TLS_CA_STORE"), before);
  }));

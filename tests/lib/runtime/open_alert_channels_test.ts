import assert from "node:assert/strict";
import { join } from "node:path";
import { alertSource, openAlertChannels } from "../../../lib/runtime/open_alert_channels.ts";
import { openHeartbeat } from "../../../lib/runtime/open_heartbeat.ts";
import { startAlertServer } from "../../_fakes/alert_server.ts";

const clock = { now: () => 0 };
const { signal } = new AbortController();

/** A redactor that only says what it was told. */
function listener() {
  const learned: string[] = [];
  return {
    learned,
    redactor: { learn: (secrets: Iterable<string>) => void learned.push(...secrets) } as never,
  };
}

Deno.test("openAlertChannels() opens what is configured, and tells the redactor what it read", async () => {
  assert.deepEqual(await openAlertChannels({}, { clock }), []);
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "smtp");
    await Deno.writeTextFile(file, "smtp://pot:password@mail.example\r\n");
    const { learned, redactor } = listener();
    const channels = await openAlertChannels({
      redactor,
      alerting: {
        webhook: {
          url: { text: "https://a.example" },
          secret: { text: "a shared secret of ours" },
          minSeverity: "warning",
        },
        email: {
          server: { file, setting: "smtpUrl" },
          from: "pot@a.example",
          to: ["ops@a.example"],
          minSeverity: "error",
        },
      },
    }, { clock });
    assert.deepEqual(channels.map(({ name, minSeverity }) => [name, minSeverity]), [
      ["email", "error"],
      ["webhook", "warning"],
    ]);
    assert.ok(learned.includes("smtp://pot:password@mail.example"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openHeartbeat() pings the configured URL, and is nothing where there is none", async () => {
  assert.equal(await openHeartbeat({}), undefined);
  await using server = startAlertServer(() => new Response("OK"));
  const { learned, redactor } = listener();
  const url = `${server.url}/ping/pathsecret`;
  const ping = await openHeartbeat({ alerting: { heartbeatUrl: { text: url } }, redactor });
  assert.equal(server.requests.length, 0);
  assert.deepEqual(await ping!({ signal }), { outcome: "accepted" });
  assert.deepEqual(server.requests.map(({ path }) => path), ["/ping/pathsecret"]);
  assert.deepEqual(learned, [url]);
});

Deno.test("alertSource() names installation and host", () => {
  assert.equal(alertSource({ alerting: { source: "pot-prod" } }), `pot-prod@${Deno.hostname()}`);
  assert.equal(alertSource({}), `pot@${Deno.hostname()}`);
});

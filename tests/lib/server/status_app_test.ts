import assert from "node:assert/strict";
import { counter, single } from "../../../lib/core/metrics/metric.ts";
import { createMetricRegistry } from "../../../lib/core/metrics/metric_registry.ts";
import { createStatusApp } from "../../../lib/server/status_app.tsx";
import type { RecorderStatus } from "../../../lib/recorder/recorder.ts";
import { makeTempFolder, openRecorder, recordSteps } from "../../_fakes/recorder_fixture.ts";

const HOSTILE = `</td><script>alert("x")</script>'&amp;`;
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const TRANSACTION = `0x${"ab".repeat(32)}`;

const status: RecorderStatus = {
  origin: `pot/${HOSTILE}`,
  recordCount: 7,
  records: { pending: 2, local: 0, anchored: 5, confirmed: 0, final: 0 },
  runs: [{ runId: HOSTILE, recordCount: 7 }],
  anchors: [{
    size: 5n,
    root: new Uint8Array(32),
    note: "",
    facts: {
      kind: "evm",
      state: "anchored",
      chainId: "eip155:137",
      contract: ADDRESS,
      codeHash: TRANSACTION,
      submitter: ADDRESS,
      transactionHashes: [TRANSACTION],
    },
  }],
};

const app = (more: Partial<RecorderStatus> = {}, note?: string) =>
  createStatusApp({
    recorder: { status: () => Promise.resolve({ ...status, ...more }) },
    log: { publishedCheckpoint: () => Promise.resolve(note === undefined ? undefined : { note }) },
  });

Deno.test("createStatusApp() shows the state as a page that no name can break out of", async () => {
  const response = await app().request("/");
  const html = await response.text();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=UTF-8");
  assert.ok(html.startsWith('<!DOCTYPE html><html lang="en">'));
  assert.ok(!html.includes("<script") && !html.includes("</td><s"), html);
  assert.ok(html.includes("&lt;/td&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;"));
  assert.ok(html.includes("2 of 7 records wait for an anchor."));
  assert.ok(html.includes("first 5 records"));
  for (
    const [more, line] of [
      [{ recordCount: 0 }, "Nothing has been recorded yet."],
      [{ records: { ...status.records, pending: 0 } }, "Every record is anchored."],
    ] as const
  ) {
    assert.ok((await (await app(more).request("/")).text()).includes(line));
  }
});

Deno.test("createStatusApp() does not call anchored what only the local ledger has", async () => {
  const local = { pending: 0, local: 7, anchored: 0, confirmed: 0, final: 0 };
  const html = await (await app({ records: local }).request("/")).text();
  assert.ok(html.includes("7 of 7 records are in the local ledger only; no chain has them yet."));
  assert.ok(!html.includes("Every record is anchored"));
});

Deno.test("createStatusApp() shows no address, no key and no transaction", async () => {
  for (const path of ["/", "/api/v1/status"]) {
    const text = await (await app().request(path)).text();
    for (const secret of [ADDRESS, ADDRESS.toLowerCase(), TRANSACTION]) {
      assert.ok(!text.includes(secret), path);
    }
  }
  const json = await (await app().request("/api/v1/status")).json();
  assert.deepEqual(json.anchors, [{ size: "5", kind: "evm", state: "anchored", chainId: "eip155:137" }]);
  assert.deepEqual(json.runs, [{ runId: HOSTILE, recordCount: 7 }]);
  assert.deepEqual(Object.keys(json), ["origin", "recordCount", "records", "runs", "anchors"]);
});

Deno.test("createStatusApp() gives out the checkpoint byte for byte, and 404 while there is none", async () => {
  const note = "pot/é\n5\nafgGT7BMW5pEvGmgyDIxUEuzdmkzzeOCLVRM6yPSpe0=\n\n— pot/é u1URzaX60px=\n";
  const response = await app({}, note).request("/checkpoint");
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; ?charset=utf-8$/i);
  assert.deepEqual(await response.bytes(), new TextEncoder().encode(note));
  assert.equal((await app().request("/checkpoint")).status, 404);

  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordSteps(opened.recorder, 1, 3);
  await opened.recorder.anchorPending();
  const real = await createStatusApp(opened).request("/checkpoint");
  assert.deepEqual(await real.bytes(), await Deno.readFile(`${folder.path}/log/checkpoint`));
});

Deno.test("createStatusApp() sets its headers on every answer and changes nothing", async () => {
  const answers: readonly (readonly [string, string, number])[] = [
    ["GET", "/", 200],
    ["HEAD", "/", 200],
    ["GET", "/api/v1/status", 200],
    ["GET", "/healthz", 200],
    ["GET", "/checkpoint", 404],
    ["GET", "/../etc/passwd", 404],
    ["GET", "/nothing", 404],
    ["POST", "/", 404],
    ["DELETE", "/api/v1/status", 404],
  ];
  for (const [method, path, code] of answers) {
    const { status, headers } = await app().request(path, { method });
    assert.equal(status, code, `${method} ${path}`);
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none';/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  }
  assert.equal(await (await app().request("/healthz")).text(), "ok\n");
});

Deno.test("createStatusApp() answers a failure without its reason, and tells the owner", async () => {
  const told: unknown[] = [];
  const failure = new Error("cannot open /srv/secret/anchors.jsonl");
  const broken = createStatusApp({
    recorder: { status: () => Promise.reject(failure) },
    log: { publishedCheckpoint: () => Promise.resolve(undefined) },
    onError: (error) => told.push(error),
  });
  const response = await broken.request("/");
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "Internal Server Error\n");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual(told, [failure]);
  assert.equal((await broken.request("/healthz")).status, 200);
});

Deno.test("createStatusApp() tells metrics in the format that is asked for, and has no such page without them", async () => {
  const deps = {
    recorder: { status: () => Promise.resolve(status) },
    log: { publishedCheckpoint: () => Promise.resolve(undefined) },
  };
  const metrics = createMetricRegistry({
    now: () => 0,
    collectors: [
      {
        name: "good",
        collect: () => Promise.resolve([single(counter("pot_things", "Things."), 3)]),
      },
      { name: "bad", collect: () => Promise.reject(new Error("cannot open /srv/secret")) },
    ],
  });
  const told: unknown[] = [];
  const app = createStatusApp({ ...deps, metrics, onError: (error) => told.push(error) });
  const plain = await app.request("/metrics");
  assert.equal(plain.status, 200);
  assert.equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(plain.headers.get("vary"), "accept");
  assert.equal(plain.headers.get("x-content-type-options"), "nosniff");
  const text = await plain.text();
  assert.match(text, /^# TYPE pot_things_total counter\npot_things_total 3$/m);
  assert.match(text, /^pot_scrape_error\{collector="bad"\} 1$/m);
  assert.ok(!text.includes("secret"));
  const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
  const open = await app.request("/metrics", { headers: { accept } });
  assert.equal(
    open.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  assert.match(await open.text(), /^# TYPE pot_things counter\n(?:.*\n)*# EOF\n$/m);
  assert.equal((await app.request("/metrics", { method: "POST" })).status, 404);
  assert.equal((await createStatusApp(deps).request("/metrics")).status, 404);
  assert.deepEqual(told, []);
});

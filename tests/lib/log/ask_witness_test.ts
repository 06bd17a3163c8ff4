import assert from "node:assert/strict";
import { formatSignatureLine, parseCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { PotError, UnreachableError } from "../../../lib/core/errors.ts";
import { formatVerifierKey, parseWitnessKey } from "../../../lib/core/note_key.ts";
import { parseUrlPrefix } from "../../../lib/core/parse_url_prefix.ts";
import { askWitness, WitnessRefusedError } from "../../../lib/log/ask_witness.ts";
import { makeCosigner } from "../../_fakes/cosigner.ts";
import { createProofFixture, ORIGIN } from "../../_fakes/proof_fixture.ts";
import { startWitness, type WitnessServer, type WitnessServerOptions } from "../../_fakes/witness_server.ts";
import vectors from "../../vectors/add_checkpoint.json" with { type: "json" };

const fixture = await createProofFixture();
const note = await fixture.note(11);
const logKey = fixture.signer.verifierKey;

/** A witness that trusts the fixture's log. */
async function start(options: WitnessServerOptions = {}): Promise<WitnessServer> {
  const server = await startWitness(options);
  server.trust(ORIGIN, [logKey]);
  return server;
}

const witnessOf = ({ url, cosigner }: WitnessServer, ...more: readonly string[]) => ({
  prefix: parseUrlPrefix(url, "witness"),
  keys: [cosigner.witnessKey, ...more].map(parseWitnessKey),
});
const first = { oldSize: 0n, path: [], note };

Deno.test("the witness of these tests answers as litewitness's own tests say", async () => {
  await using server = await startWitness();
  const publicKey = Uint8Array.fromHex(vectors.publicKey);
  server.trust(vectors.origin, [formatVerifierKey({ name: vectors.origin, publicKey })]);
  for (const { what, body, status, answer } of vectors.requests) {
    const response = await fetch(`${server.url}/add-checkpoint`, { method: "POST", body });
    const text = await response.text();
    assert.equal(response.status, status, what);
    if (answer !== undefined) assert.equal(text, answer, what);
    if (status === 200) assert.match(text, /^— witness\.example\/w1 /, what);
  }
});

Deno.test("askWitness() sends add-checkpoint as the specification spells it, and verifies what comes back", async () => {
  await using server = await start();
  const answer = await askWitness(witnessOf(server), first);
  assert.deepEqual(server.bodies, [`old 0\n\n${note}`]);
  assert.ok(answer.kind === "cosigned");
  assert.deepEqual(answer.by, [{ name: "witness.example/w1", time: 1_790_000_000n }]);
  assert.equal(
    answer.note,
    `${parseCheckpointNote(note).text}\n${await server.cosigner.cosign(
      parseCheckpointNote(note).text,
      1_790_000_000n,
    )}`,
  );
  assert.equal(server.latest(ORIGIN)!.size, 11n);
});

Deno.test("askWitness() answers with the size that the witness signed last", async () => {
  await using server = await start();
  await askWitness(witnessOf(server), first);
  assert.deepEqual(await askWitness(witnessOf(server), first), { kind: "conflict", size: 11n });
  // The same size again, as the specification has it: no proof, and the same root.
  const again = await askWitness(witnessOf(server), { ...first, oldSize: 11n });
  assert.equal(again.kind, "cosigned");
});

Deno.test("askWitness() takes the lines of all given keys, and leaves those of others out", async () => {
  const [second, stranger] = [
    await makeCosigner("witness.example/w2"),
    await makeCosigner("stranger.example"),
  ];
  await using server = await start({
    distort: async (lines, text) =>
      `${await stranger.cosign(text, 7n)}${lines}${await second.cosign(text, 8n)}`,
  });
  const answer = await askWitness(witnessOf(server, second.witnessKey), first);
  assert.ok(answer.kind === "cosigned");
  assert.deepEqual(answer.by.map(({ name }) => name), ["witness.example/w1", "witness.example/w2"]);
  assert.equal(parseCheckpointNote(answer.note).signatures.length, 2);
});

Deno.test("askWitness() never takes a cosignature that does not verify", async () => {
  const other = await makeCosigner("witness.example/w1");
  const elsewhere = parseCheckpointNote(await fixture.note(10)).text;
  const refusals: readonly (readonly [string, NonNullable<WitnessServerOptions["distort"]>, RegExp])[] = [
    [
      "over another root",
      (_, __, cosigner) => cosigner.cosign(elsewhere, 5n),
      /did not sign this checkpoint/,
    ],
    ["of another key of its name", (_, text) => other.cosign(text, 5n), /by none of the given keys/],
    ["as a page", () => "<html></html>\n", /not signature lines/],
    ["cut off", (lines) => lines.slice(0, -1), /not signature lines/],
    ["with a changed time", async (lines, text) => {
      const [line] = parseCheckpointNote(`${text}\n${lines}`).signatures;
      return await Promise.resolve(formatSignatureLine({ ...line!, signature: line!.signature.with(7, 1) }));
    }, /did not sign this checkpoint/],
    ["with a checkpoint of its own around it", (lines, text) => `${text}\n${lines}`, /not signature lines/],
    ["with a blank line before it", (lines) => `\n${lines}`, /not signature lines/],
    ["with more text before it", (lines) => `extension\n\n${lines}`, /not signature lines/],
    ["as it is, and once more over another root", async (lines, _, cosigner) => {
      return lines + await cosigner.cosign(elsewhere, 5n);
    }, /did not sign this checkpoint/],
    ["too long", (lines) => lines.repeat(2_000), /not signature lines/],
    ["as the log's own signature", () => note.slice(note.indexOf("—")), /by none of the given keys/],
  ];
  for (const [what, distort, message] of refusals) {
    await using server = await start({ distort });
    await assert.rejects(askWitness(witnessOf(server), first), (error) => {
      assert.ok(error instanceof PotError && error.exitCode === 1, what);
      assert.match(error.message, message, what);
      return true;
    });
  }
});

Deno.test("askWitness() refuses a cosignature without a time", async () => {
  await using server = await start({ time: () => 0n });
  await assert.rejects(askWitness(witnessOf(server), first), /did not sign this checkpoint/);
});

Deno.test("askWitness() says what each refusal means", async () => {
  await using server = await startWitness();
  await assert.rejects(askWitness(witnessOf(server), first), (error) => {
    assert.ok(error instanceof WitnessRefusedError && error.exitCode === 1);
    assert.equal(error.message, "Cannot get the checkpoint cosigned as the witness does not know the log");
    assert.deepEqual(error.facts.slice(1), [
      `log: ${ORIGIN}`,
      "size: 11",
      "status: 404",
      "it says: unknown log",
    ]);
    assert.match(error.hint!, /pot log keys/);
    return true;
  });
  server.trust(ORIGIN, [fixture.stranger.verifierKey]);
  await assert.rejects(askWitness(witnessOf(server), first), {
    message: "Cannot get the checkpoint cosigned as the witness trusts no key that signed it",
    status: 403,
  });
  server.trust(ORIGIN, [logKey]);
  await assert.rejects(askWitness(witnessOf(server), { ...first, oldSize: 12n }), { status: 400 });
  await assert.rejects(askWitness(witnessOf(server), { ...first, path: [new Uint8Array(32)] }), {
    status: 422,
  });
  await askWitness(witnessOf(server), { ...first, note: await fixture.note(10) });
  await assert.rejects(askWitness(witnessOf(server), { ...first, oldSize: 10n }), (error) => {
    assert.ok(error instanceof WitnessRefusedError && error.status === 422);
    assert.match(
      error.message,
      /as it does not extend what the witness signed before: this log was rewritten/,
    );
    assert.ok(error.facts.includes("size the witness signed last: 10"));
    assert.match(error.hint!, /do not anchor or publish/);
    return true;
  });
  assert.deepEqual(server.statuses, [404, 403, 400, 422, 200, 422]);
});

Deno.test("askWitness() could not tell where the witness is out of order", async () => {
  const answers: readonly (readonly [string, () => Response])[] = [
    ["429", () => new Response("slow down", { status: 429 })],
    ["500", () => new Response("", { status: 500 })],
    ["503", () => new Response("", { status: 503 })],
    ["302", () => new Response(null, { status: 302, headers: { location: "https://example.org/" } })],
    ["409 of another kind", () => new Response("11\n", { status: 409 })],
    ["409 without a size", () => sizeAnswer("eleven\n")],
    ["409 with a leading zero", () => sizeAnswer("011\n")],
    ["409 without a newline", () => sizeAnswer("11")],
    ["409 of 2^63", () => sizeAnswer(`${1n << 63n}\n`)],
  ];
  for (const [what, answer] of answers) {
    await using server = await start({ intercept: answer });
    await assert.rejects(askWitness(witnessOf(server), first), (error) => {
      assert.ok(error instanceof UnreachableError && error.exitCode === 4, what);
      return true;
    });
  }
  const closed = await start();
  await closed[Symbol.asyncDispose]();
  await assert.rejects(askWitness(witnessOf(closed), first), (error) => {
    assert.ok(error instanceof UnreachableError);
    // Of a URL, no path is shown.
    assert.ok(![error.message, ...error.facts].join().includes("/witness"), error.facts.join());
    return true;
  });
});

Deno.test("askWitness() ends with the signal", async () => {
  const stop = new AbortController();
  await using server = await start({
    intercept: async () => {
      stop.abort(new Error("enough"));
      return await Promise.resolve(undefined);
    },
  });
  await assert.rejects(askWitness(witnessOf(server), first, { signal: stop.signal }), { message: "enough" });
});

function sizeAnswer(body: string): Response {
  return new Response(body, { status: 409, headers: { "content-type": "text/x.tlog.size" } });
}

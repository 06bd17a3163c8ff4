import assert from "node:assert/strict";
import { classifyFailure, type FailureEvidence, unreachableError } from "../../../lib/chain/chain_error.ts";
import { describeRevert, revertError } from "../../../lib/chain/revert_reason.ts";
import { encodeErrorResult } from "viem/utils";
import { proofOfTrainingAbi } from "../../../contracts/artifact.ts";

const rpc = (message: string, code = -32000, data?: unknown): FailureEvidence => ({
  from: "rpc",
  error: { code, message, data },
});
const http = (status: number): FailureEvidence => ({ from: "http", status });

const TABLE: readonly (readonly [FailureEvidence, string, boolean])[] = [
  [http(429), "rate-limited", true],
  [http(502), "server-error", true],
  [http(503), "server-error", true],
  [http(500), "server-error", true],
  [http(504), "timeout", true],
  [http(408), "timeout", true],
  [http(401), "access-denied", true],
  [http(403), "access-denied", true],
  [http(301), "bad-answer", true],
  [http(404), "bad-answer", true],
  [{ from: "body", contentType: "text/html", text: "<html>" }, "bad-answer", true],
  [{ from: "body", contentType: null, text: "" }, "bad-answer", true],
  [{ from: "timeout", timeoutMs: 10 }, "timeout", true],
  [{ from: "thrown", error: new TypeError("Connection refused (os error 111)") }, "unreachable", true],
  [{ from: "thrown", error: "gone" }, "unreachable", true],
  [rpc("limit exceeded", -32005), "rate-limited", true],
  [rpc("daily request limit reached"), "rate-limited", true],
  [rpc("Too Many Requests", 429), "rate-limited", true],
  [rpc("Internal error", -32603), "server-error", true],
  [rpc("request timed out"), "timeout", true],
  [rpc("header not found"), "behind", true],
  [rpc("missing trie node 12ab"), "behind", true],
  [rpc("nonce too high: next nonce 5, tx nonce 7"), "behind", true],
  [rpc("invalid project id"), "access-denied", true],
  [rpc("already known"), "already-known", false],
  [rpc("transaction already imported", -32003), "already-known", false],
  [rpc("ALREADY_EXISTS: already known"), "already-known", false],
  [rpc("known transaction: 0xab"), "already-known", false],
  [rpc("nonce too low: next nonce 5, tx nonce 4"), "nonce-too-low", false],
  [rpc("replacement transaction underpriced"), "underpriced", false],
  [rpc("insufficient funds for gas * price + value"), "insufficient-funds", false],
  [rpc("Insufficient funds for gas", -32603), "insufficient-funds", false],
  [rpc("max fee per gas less than block base fee"), "fee-too-low", false],
  [rpc("execution reverted", 3, "0x"), "reverted", false],
  [rpc("execution reverted: already exists", 3), "reverted", false],
  [rpc("execution reverted: rate limit", -32000), "reverted", false],
  [rpc("VM Exception while processing transaction: revert"), "reverted", false],
  [rpc("the method eth_foo does not exist/is not available", -32601), "unsupported", false],
  [rpc("invalid argument 0", -32602), "rejected", false],
  [{ from: "rpc", error: null }, "rejected", false],
  [{ from: "rpc", error: "text" }, "rejected", false],
];

Deno.test("classifyFailure() tells retryable failures from definite ones", () => {
  for (const [evidence, kind, isRetryable] of TABLE) {
    const failure = classifyFailure(evidence);
    assert.deepEqual([failure.kind, failure.isRetryable], [kind, isRetryable], JSON.stringify(evidence));
  }
});

Deno.test("classifyFailure() finds revert data wherever nodes put it", () => {
  for (
    const data of ["0xABcd", { data: "0xabcd" }, { originalError: { data: "0xabcd" } }, "Reverted 0xabcd"]
  ) {
    const failure = classifyFailure(rpc("execution reverted", 3, data));
    assert.equal(!failure.isRetryable && failure.revertData, "0xabcd");
  }
  for (const data of [undefined, null, 7, {}, "nothing"]) {
    const failure = classifyFailure(rpc("execution reverted", 3, data));
    assert.equal(!failure.isRetryable && failure.revertData, undefined);
  }
});

Deno.test("classifyFailure() redacts URLs and secrets, and keeps details short", () => {
  const error = new TypeError(
    "error sending request for url (https://h.example/v2/topsecretkey): topsecretkey refused",
  );
  const { detail } = classifyFailure({ from: "thrown", error }, ["topsecretkey"]);
  assert.equal(
    detail,
    "error sending request for url (https://h.example/[secret]): [secret] refused",
  );
  assert.equal(classifyFailure(rpc("x ".repeat(10_000))).detail.length, 300);
});

Deno.test("classifyFailure() hears Retry-After in seconds", () => {
  const failure = classifyFailure({ from: "http", status: 429, retryAfter: "2" });
  assert.equal(failure.isRetryable && failure.retryAfterMs, 2_000);
  for (const retryAfter of [null, "soon", "-1", "0"]) {
    const other = classifyFailure({ from: "http", status: 429, retryAfter });
    assert.equal(other.isRetryable && other.retryAfterMs, undefined);
  }
});

Deno.test("unreachableError() names each endpoint, and the key when every one denies access", () => {
  const denied = { endpoint: "https://a.example/", failure: classifyFailure(http(401)) };
  const down = { endpoint: "https://b.example/", failure: classifyFailure(http(502)) };
  const error = unreachableError("read from the chain", [denied, down]);
  assert.equal(error.message, "Cannot read from the chain as no RPC endpoint gave an answer");
  assert.deepEqual(error.facts, [
    "https://a.example/: HTTP status 401",
    "https://b.example/: HTTP status 502",
  ]);
  assert.equal(error.exitCode, 4);
  assert.equal(unreachableError("x", [denied]).hint, "check the API key in RPC_URL or POT_RPC_URLS");
});

Deno.test("describeRevert() has words for every error of the contract", () => {
  for (const item of proofOfTrainingAbi) {
    if (item.type !== "error" || item.name === "RecordNotWritten") continue;
    const args = item.inputs.map(({ type }) =>
      type === "string"
        ? "text"
        : type === "address"
        ? `0x${"11".repeat(20)}`
        : type === "bytes32"
        ? `0x${"00".repeat(32)}`
        : 7n
    );
    const data = encodeErrorResult(
      { abi: proofOfTrainingAbi, errorName: item.name, args } as Parameters<typeof encodeErrorResult>[0],
    );
    const { reason, signature } = describeRevert(data);
    assert.notEqual(reason, "the contract refused it", item.name);
    assert.match(signature!, new RegExp(`^${item.name}\\(`));
  }
  assert.equal(
    revertError("anchor", "0x").message,
    "Cannot anchor as the contract refused it without a reason",
  );
  assert.equal(revertError("anchor", "0x12345678").facts[0], "contract error: 0x12345678");
  assert.equal(revertError("anchor", undefined).kind, "reverted");
});

import assert from "node:assert/strict";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { type HttpFetch, httpRequest } from "../../../lib/io/http_request.ts";

const LIMITS = { timeoutMs: 1_000, maxBytes: 100 };

/** Notes what is asked, and answers nothing. */
function listen() {
  const asked: string[] = [];
  const fetch: HttpFetch = (url) => {
    asked.push(url);
    return Promise.resolve(new Response());
  };
  return { asked, fetch };
}

Deno.test("httpRequest() goes to a link-local address in plain text only where that is allowed", async () => {
  const { asked, fetch } = listen();
  const url = "http://169.254.169.254/metadata";
  await assert.rejects(httpRequest(url, { ...LIMITS, fetch }), UsageError);
  const isLinkLocalAllowed = true;
  await httpRequest(url, { ...LIMITS, fetch, isLinkLocalAllowed });
  for (const other of ["http://169.254.169.254.example/", "http://168.254.1.1/", "http://10.0.0.1/"]) {
    await assert.rejects(httpRequest(other, { ...LIMITS, fetch, isLinkLocalAllowed }), UsageError);
  }
  assert.deepEqual(asked, [url]);
});

Deno.test("httpRequest() does not show a header that cannot be sent", async () => {
  const { asked, fetch } = listen();
  for (const value of ["planted\nsecond", "planted\r", "planted\0", "plantedの"]) {
    const error = await httpRequest("https://a.example", { ...LIMITS, fetch, headers: { "x-token": value } })
      .then(() => undefined, (error) => error);
    assert.ok(error instanceof UsageError);
    assert.deepEqual(error.facts, ["header: x-token"]);
    assert.ok(!Deno.inspect(error).includes("planted"));
  }
  assert.deepEqual(asked, []);
  await httpRequest("https://a.example", { ...LIMITS, fetch, headers: { "x-token": "a\tb é ~" } });
  assert.equal(asked.length, 1);
});

Deno.test("httpRequest() shows neither path nor query of what nobody answers at", async () => {
  const url = "https://a.example/planted/path?key=planted";
  // As Deno words it.
  const fetch: HttpFetch = (url) => Promise.reject(new TypeError(`error sending request for url (${url})`));
  const error = await httpRequest(url, { ...LIMITS, fetch }).then(() => undefined, (error) => error);
  assert.ok(error instanceof UnreachableError);
  assert.deepEqual(error.facts, [
    "asked: https://a.example/[secret]?[secret]",
    "reason: error sending request for url (https://a.example/[secret]?[secret])",
  ]);
  assert.ok(!Deno.inspect(error, { depth: 20, showHidden: true }).includes("planted"));
});

Deno.test("httpRequest() reads no more of an endless body than it may, and lets go of the rest", async () => {
  let isLetGo = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(40)),
    cancel: () => {
      isLetGo = true;
    },
  });
  const fetch: HttpFetch = () => Promise.resolve(new Response(endless));
  const { bytes, isTooLong } = await httpRequest("https://a.example", { ...LIMITS, fetch });
  assert.deepEqual([bytes.length, isTooLong, isLetGo], [100, true, true]);
});

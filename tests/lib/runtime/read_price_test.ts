import assert from "node:assert/strict";
import { createPriceReader } from "../../../lib/runtime/read_price.ts";

const options = { signal: new AbortController().signal };
const URL = "https://price.example/v1?key=abc";
const answering = (...answers: readonly (Response | Error)[]) => {
  const left = [...answers];
  return {
    fetch: () => {
      const next = left.shift();
      return next instanceof Response
        ? Promise.resolve(next)
        : Promise.reject(next ?? new Error("none left"));
    },
  };
};

Deno.test("createPriceReader() finds the price by its path, as a number or as text", async () => {
  const read = createPriceReader(
    { currency: "EUR", url: URL, path: "pol.eur" },
    answering(Response.json({ pol: { eur: 0.41 } }), Response.json({ pol: { eur: "0.42" } })),
  );
  assert.deepEqual(await read(options), { perUnit: 0.41, currency: "EUR", from: "url" });
  assert.deepEqual(await read(options), { perUnit: 0.42, currency: "EUR", from: "url" });
});

Deno.test("createPriceReader() keeps the last price, else the configured one, when the URL fails", async () => {
  const read = createPriceReader(
    { perUnit: 3, currency: "USD", url: URL, path: "usd" },
    answering(new Error("refused"), Response.json({ usd: 4 }), new Response("", { status: 503 })),
  );
  assert.deepEqual(await read(options), {
    perUnit: 3,
    currency: "USD",
    from: "configured",
    failure: "Cannot tell as the other side did not answer",
  });
  assert.deepEqual(await read(options), { perUnit: 4, currency: "USD", from: "url" });
  assert.deepEqual(await read(options), {
    perUnit: 4,
    currency: "USD",
    from: "earlier",
    failure: "Cannot read the price as the price URL gave status 503",
  });
});

Deno.test("createPriceReader() believes nothing but a number above 0", async () => {
  const bodies = [
    "{}",
    '{"usd":0}',
    '{"usd":-1}',
    '{"usd":"much"}',
    '{"usd":null}',
    "[",
    '{"__proto__":1}',
    '"1e999"',
  ];
  for (const body of bodies) {
    const read = createPriceReader(
      { perUnit: 2, currency: "USD", url: URL, path: "usd" },
      answering(new Response(body)),
    );
    const { from, failure } = (await read(options))!;
    assert.deepEqual([from, failure?.startsWith("Cannot read the price")], ["configured", true], body);
  }
});

Deno.test("createPriceReader() asks nobody where no URL is configured", async () => {
  assert.deepEqual(await createPriceReader({ perUnit: 2, currency: "USD" }, answering())(options), {
    perUnit: 2,
    currency: "USD",
    from: "configured",
  });
});

Deno.test("createPriceReader() says why there is no price where there should be one", async () => {
  const read = createPriceReader({ currency: "USD", url: URL }, answering(new Error("no")));
  const found = await read(options);
  assert.equal(found?.from, "nowhere");
  assert.match(found.failure!, /^Cannot /);
});

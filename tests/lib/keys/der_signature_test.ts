import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDerSignature } from "../../../lib/keys/der_signature.ts";
import { encodeDer } from "../../_fakes/aws_server.ts";

const number = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
  fc.bigInt({ min: 0n, max: 0x1ffffn }),
);

Deno.test("parseDerSignature() reads what DER writes", () => {
  fc.assert(fc.property(number, number, (r, s) => {
    const { r: first, s: second } = parseDerSignature(encodeDer(r, s))!;
    assert.deepEqual([first.length, second.length], [32, 32]);
    assert.deepEqual([BigInt(`0x${first.toHex()}`), BigInt(`0x${second.toHex()}`)], [r, s]);
  }));
});

Deno.test("parseDerSignature() takes one spelling only, and nothing cut or longer", () => {
  const good = encodeDer(0x80n, 0x7fn);
  assert.equal(good.toHex(), "30070202008002017f");
  const wrong = [
    "",
    "30",
    "3000",
    // A negative number, and one with a byte too many.
    "3006020180020101",
    "300702020001020101",
    "30060201010201ff",
    // BER's long form.
    "308106020101020101",
    // One number, three, and an empty one.
    "3003020101",
    "3009020101020101020101",
    "300502000202017f",
    // Another type, and another length than there is.
    "3106020101020101",
    "3007020101020101",
    "300602010102010100",
    // 33 bytes of digits.
    `302602210${"1".padEnd(65, "0")}020101`,
  ];
  for (const hex of wrong) assert.equal(parseDerSignature(Uint8Array.fromHex(hex)), undefined, hex);
  fc.assert(fc.property(number, number, fc.nat(), (r, s, at) => {
    const der = encodeDer(r, s);
    assert.equal(parseDerSignature(der.subarray(0, at % der.length)), undefined);
    assert.equal(parseDerSignature(new Uint8Array([...der, 0])), undefined);
  }));
});

Deno.test("parseDerSignature() reads no bytes in two ways", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (tail) => {
    const der = new Uint8Array([0x30, tail.length, ...tail]);
    const read = parseDerSignature(der);
    if (read === undefined) return;
    const [r, s] = [BigInt(`0x${read.r.toHex()}`), BigInt(`0x${read.s.toHex()}`)];
    assert.deepEqual(encodeDer(r, s), der);
  }));
});

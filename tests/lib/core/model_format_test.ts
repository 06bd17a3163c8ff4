import assert from "node:assert/strict";
import fc from "fast-check";
import { detectModelFormat } from "../../../lib/core/model_format.ts";
import { encodeSafetensors } from "../../../lib/core/safetensors.ts";

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const cases: readonly (readonly [string, string, string | undefined])[] = [
  ["model.gguf", "GGUF\x03\0\0\0", "gguf"],
  ["renamed.bin", "GGUF\x03\0\0\0", "gguf"],
  ["model.h5", "\x89HDF\r\n\x1a\n", "hdf5"],
  ["step.pt", "PK\x03\x04", "pytorch"],
  ["pytorch_model.BIN", "PK\x03\x04", "pytorch"],
  ["old.pth", "\x80\x02\x8a\n", "pytorch"],
  ["data.pkl", "\x80\x02\x8a\n", undefined],
  ["archive.zip", "PK\x03\x04", undefined],
  ["model.keras", "PK\x03\x04", "keras"],
  ["weights.npz", "PK\x03\x04", "npz"],
  ["weights.npy", "\x93NUMPY\x01\0", "npy"],
  ["model.tflite", "\x1c\0\0\0TFL3", "tflite"],
  ["model.onnx", "\x08\x08\x12", "onnx"],
  ["model.onnx", "<html>", undefined],
  ["model.safetensors", "not one at all", undefined],
  ["config.json", '{"a":1}', undefined],
  ["noextension", "", undefined],
];

for (const [name, start, expected] of cases) {
  Deno.test(`detectModelFormat() says ${expected} for ${name} that begins with ${JSON.stringify(start)}`, () => {
    assert.equal(detectModelFormat(name, latin1(start)), expected);
  });
}

Deno.test("detectModelFormat() knows safetensors by its bytes, whatever its name", () => {
  const bytes = encodeSafetensors([{ name: "w", shape: [2], values: new Float32Array(2) }]);
  assert.equal(detectModelFormat("model.bin", bytes.subarray(0, 16)), "safetensors");
});

Deno.test("detectModelFormat() takes any name and any bytes", () => {
  fc.assert(fc.property(fc.string(), fc.uint8Array({ maxLength: 20 }), (name, bytes) => {
    const format = detectModelFormat(name, bytes);
    assert.ok(format === undefined || /^[a-z0-9]{3,11}$/.test(format));
  }));
});

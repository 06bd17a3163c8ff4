/** A format by the bytes it begins with: {@linkcode detectModelFormat} asks for all of them at their offset. */
interface Magic {
  readonly format: string;
  readonly offset: number;
  readonly bytes: string;
  /** Where the bytes alone say too little, as many formats are a zip archive. */
  readonly extensions?: readonly string[];
}

const TORCH = ["pt", "pth", "ckpt", "bin"];

const MAGICS: readonly Magic[] = [
  { format: "gguf", offset: 0, bytes: "GGUF" },
  { format: "hdf5", offset: 0, bytes: "\x89HDF\r\n\x1a\n" },
  { format: "npy", offset: 0, bytes: "\x93NUMPY" },
  { format: "tflite", offset: 4, bytes: "TFL3" },
  // torch.save: a zip archive since PyTorch 1.6, a pickle of protocol 2 before.
  { format: "pytorch", offset: 0, bytes: "PK\x03\x04", extensions: TORCH },
  { format: "pytorch", offset: 0, bytes: "\x80\x02", extensions: TORCH },
  { format: "keras", offset: 0, bytes: "PK\x03\x04", extensions: ["keras"] },
  { format: "npz", offset: 0, bytes: "PK\x03\x04", extensions: ["npz"] },
  // An ONNX model is a protobuf message without a magic; its first field is ir_version.
  { format: "onnx", offset: 0, bytes: "\x08", extensions: ["onnx"] },
  // After the length of its header, 8 bytes little-endian of which the last three are 0 in every real file.
  { format: "safetensors", offset: 5, bytes: "\0\0\0{" },
];

/** How many bytes of a file {@linkcode detectModelFormat} looks at. */
export const MODEL_FORMAT_BYTES = 16;

/**
 * The format of a model file, by its first bytes and, where those say too little, its name: `safetensors`, `pytorch`, `gguf`, `onnx`, `hdf5`, `keras`,
 * `tflite`, `npy` or `npz`. A guess for people; nothing of it is checked. `undefined` where neither says anything.
 */
export function detectModelFormat(name: string, start: Uint8Array): string | undefined {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return MAGICS.find(({ offset, bytes, extensions }) =>
    (extensions?.includes(extension) ?? true) &&
    [...bytes].every((character, i) => start[offset + i] === character.charCodeAt(0))
  )?.format;
}

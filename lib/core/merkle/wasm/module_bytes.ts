import { type Code, i32, unsigned } from "./instructions.ts";

/** A function of a module: parameters and locals are 32-bit integers first, then 128-bit lanes; it returns nothing. */
export interface ModuleFunction {
  /** Number of parameters, all 32-bit integers. */
  readonly parameterCount: number;
  /** Number of further 32-bit locals. */
  readonly integerCount: number;
  /** Number of 128-bit locals, which come last. */
  readonly laneCount: number;
  readonly body: Code;
}

export interface ModuleParts {
  readonly memoryPages: number;
  /** Bytes that memory starts with, and where. */
  readonly data: { readonly address: number; readonly bytes: Uint8Array };
  /** Runs once, when the module is instantiated. */
  readonly start: ModuleFunction;
  readonly exported: ModuleFunction & { readonly name: string };
}

const I32 = 0x7f;
const V128 = 0x7b;

/** A module in the binary format (WebAssembly core specification 2.0 §5.5). Its memory is exported as `memory`. */
export function moduleBytes({ memoryPages, data, start, exported }: ModuleParts): Uint8Array<ArrayBuffer> {
  const functions = [start, exported];
  const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const END = 0x0b;
  return Uint8Array.from([
    ...magicAndVersion,
    ...section(
      1,
      list(functions.map(({ parameterCount }) => [
        0x60,
        ...list(new Array<Code>(parameterCount).fill([I32])),
        ...list([]),
      ])),
    ),
    ...section(3, list(functions.map((_, type) => unsigned(type)))),
    ...section(5, list([[0x01, ...unsigned(memoryPages), ...unsigned(memoryPages)]])),
    ...section(7, list([[...name("memory"), 0x02, 0], [...name(exported.name), 0x00, 1]])),
    ...section(8, unsigned(0)),
    ...section(
      10,
      list(functions.map(({ integerCount, laneCount, body }) =>
        sized([
          ...list([[...unsigned(integerCount), I32], [...unsigned(laneCount), V128]]),
          ...body,
          END,
        ])
      )),
    ),
    ...section(11, list([[0x00, ...i32.const(data.address), END, ...sized([...data.bytes])]])),
  ]);
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const section = (id: number, content: Code): Code => [id, ...sized(content)];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);

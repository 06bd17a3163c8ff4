import { initialize } from "../../lib/runtime/initialize.ts";
import { openRuntime, type Runtime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { makeTempFolder } from "./recorder_fixture.ts";

/** A chain that nobody serves: enough for what is not asked. */
export const UNSERVED_CHAIN: Readonly<Record<string, string>> = {
  RPC_URL: "http://127.0.0.1:1",
  CHAIN_ID: "31337",
  CONTRACT_ADDRESS: `0x${"c0".repeat(20)}`,
  PRIVATE_KEY: "4f".repeat(32),
};

/** A runtime on a new home folder, as `pot init` and the environment would give it. */
export interface Installation extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly folder: string;
}

/** Opens one; the folder is removed with it. */
export async function openInstallation(
  { env = {}, file = {} }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly file?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<Installation> {
  await using opened = new AsyncDisposableStack();
  const { path: folder } = opened.use(await makeTempFolder());
  const { origin } = await initialize({ folder });
  const runtime = opened.use(await openRuntime(parseConfig({ folder, env, file: { origin, ...file } })));
  const disposables = opened.move();
  return { runtime, folder, [Symbol.asyncDispose]: () => disposables.disposeAsync() };
}

/** What ethers is asked for. */
export interface EthersRequest {
  /** Keystores to open, as text. */
  readonly open: readonly string[];
  /** A key to make a keystore of: `0x` and 64 hex characters. */
  readonly privateKey: `0x${string}`;
  readonly passphrase: string;
}

/** What it answers. */
export interface EthersAnswer {
  /** Of each keystore, or its error. */
  readonly opened: readonly {
    readonly address?: string;
    readonly privateKey?: string;
    readonly error?: string;
  }[];
  /** As text. */
  readonly made: string;
}

const PROGRAM = `
import { decryptKeystoreJson, encryptKeystoreJson, Wallet } from "npm:ethers@6.16.0";
const { open, privateKey, passphrase } = JSON.parse(await new Response(Deno.stdin.readable).text());
const opened = [];
for (const json of open) {
  try {
    const { address, privateKey } = await decryptKeystoreJson(json, passphrase);
    opened.push({ address, privateKey });
  } catch (error) {
    opened.push({ error: error.shortMessage ?? error.message });
  }
}
const { address } = new Wallet(privateKey);
const made = await encryptKeystoreJson({ address, privateKey }, passphrase, { scrypt: { N: 1024, r: 8, p: 1 } });
console.log(JSON.stringify({ opened, made }));
`;

/** Asks ethers, in a process of its own: its types do not go together with ours. */
export async function askEthers(request: EthersRequest): Promise<EthersAnswer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--no-config", "--quiet", PROGRAM],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`ethers: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

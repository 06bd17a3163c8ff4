/** A process of its own that trusts one file of authorities and asks each host in every way we have: `ask_over_tls.ts <ca file or -> <host…>`. */
import tls from "node:tls";
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import { httpRequest } from "../../lib/io/http_request.ts";
import { pinCertificates } from "../../lib/runtime/pin_certificates.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";

const [caFile, ...hosts] = Deno.args;
if (caFile !== undefined && caFile !== "-") await pinCertificates(caFile);

async function told(work: () => Promise<unknown>): Promise<string> {
  try {
    return `ok ${await work()}`;
  } catch (error) {
    const { name, message, facts = [] } = error as Error & { readonly facts?: readonly string[] };
    return [name, message, ...facts].join("; ");
  }
}

function overNode(host: string): Promise<string> {
  const [hostname = "", port] = host.split(":");
  return new Promise((resolve) => {
    const socket = tls.connect({ host: hostname, port: Number(port), servername: hostname }, () => {
      socket.destroy();
      resolve("ok");
    });
    socket.on("error", (error: Error & { readonly code?: string }) => resolve(`refused ${error.code}`));
  });
}

const pool = (url: string) =>
  createEndpointPool({ urls: [url], chainId: 1, clock: systemClock, timeoutMs: 5_000 });
const all: Record<string, unknown> = {};
for (const host of hosts) {
  all[host] = {
    http: await told(async () =>
      (await httpRequest(`https://${host}/`, { timeoutMs: 5_000, maxBytes: 99 })).status
    ),
    rpc: await told(() => pool(`https://${host}/`).read("eth_blockNumber")),
    webSocket: await told(() => pool(`wss://${host}/`).read("eth_blockNumber")),
    node: await overNode(host),
  };
}
console.log(JSON.stringify(all));
Deno.exit(0);

import { UsageError } from "../core/errors.ts";

/** A list of authorities is some hundred kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Has this process trust the certificate authorities of one PEM file, and no others: in everything it connects to from now
 * on, packages included. Call it before the first connection, as Deno reads its list of authorities once.
 *
 * `Deno.createHttpClient({ caCerts })` would trust them in addition to the machine's. So this names the file as the
 * system's list, which is what the variables DENO_TLS_CA_STORE and SSL_CERT_FILE are for, and takes NODE_EXTRA_CA_CERTS away.
 * What `deno run --cert` names stays trusted; whoever gives that flag meant it.
 *
 * @throws {UsageError} when the file cannot be read or holds no certificate; nothing has changed then
 */
export async function pinCertificates(path: string): Promise<void> {
  const text = await readText(path);
  if (!/-----BEGIN CERTIFICATE-----[^]+-----END CERTIFICATE-----/.test(text)) {
    throw refuse(path, "it holds no certificate in PEM");
  }
  Deno.env.set("DENO_TLS_CA_STORE", "system");
  Deno.env.set("SSL_CERT_FILE", path);
  Deno.env.set("SSL_CERT_DIR", "");
  Deno.env.delete("NODE_EXTRA_CA_CERTS");
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= MAX_BYTES) return await Deno.readTextFile(path);
  } catch (cause) {
    throw refuse(path, cause instanceof Error ? cause.message : String(cause));
  }
  throw refuse(path, "it is too long for a list of authorities");
}

function refuse(path: string, reason: string): UsageError {
  return new UsageError("Cannot trust the certificate authorities of the file", {
    facts: [`file: ${path}`, `reason: ${reason}`],
    hint: "POT_CA_FILE names a file of certificates in PEM",
  });
}

// The package keeps its providers by decorators.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate authority that nobody trusts, made for one test. */
export interface ThrowawayCa {
  /** Its own certificate. */
  readonly pem: string;
  /** A certificate for `localhost` and 127.0.0.1, unless told otherwise. */
  issue(options?: IssueOptions): Promise<IssuedCertificate>;
}

export interface IssueOptions {
  /** The only name on it. */
  readonly name?: string;
  readonly isExpired?: boolean;
}

/** As `Deno.serve` takes them. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

export async function createThrowawayCa(name: string): Promise<ThrowawayCa> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
  const now = Date.now();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    notBefore: new Date(now - 20 * DAY_MS),
    notAfter: new Date(now + 20 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  let serial = 1;
  return {
    pem: root.toString("pem"),
    async issue({ name, isExpired = false } = {}) {
      const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
      const names: x509.JsonGeneralName[] = name === undefined
        ? [{ type: "dns", value: "localhost" }, { type: "ip", value: "127.0.0.1" }]
        : [{ type: "dns", value: name }];
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: (++serial).toString(16).padStart(2, "0"),
        subject: "CN=server",
        issuer: root.subject,
        notBefore: new Date(now - 10 * DAY_MS),
        notAfter: new Date(now + (isExpired ? -1 : 10) * DAY_MS),
        signingAlgorithm: ALGORITHM,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.SubjectAlternativeNameExtension(names),
        ],
      });
      const key = await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey);
      return { cert: leaf.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
    },
  };
}

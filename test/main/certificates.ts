import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'

/** A certificate and its key in PEM, as a TLS server takes them, and its SHA-256 as browsers show it. */
export type Issued = { key: string; cert: string; fingerprint: string }

export type Authority = Issued & { issue(...names: string[]): Promise<Issued> }

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as Crypto }))
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const dayMs = 86_400_000

/** An authority of the test's own, which issues certificates for host names and IPv4 addresses. */
export async function anAuthority(name = 'Test authority'): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const own = await sign({ name, issuer: name, keys, signWith: keys.privateKey, names: [] })
  return {
    ...own,
    async issue(...names) {
      const leaf = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      return sign({ name: names[0] ?? name, issuer: name, keys: leaf, signWith: keys.privateKey, names })
    },
  }
}

/** A certificate that nobody vouches for and that names no host, as QRadar's own one is (server-apis.md, trap 39). */
export async function aSelfSigned(name = 'console'): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  return sign({ name, issuer: name, keys, signWith: keys.privateKey, names: [] })
}

async function sign(given: {
  name: string
  issuer: string
  keys: webcrypto.CryptoKeyPair
  signWith: webcrypto.CryptoKey
  names: string[]
}): Promise<Issued> {
  const certificate = new pkijs.Certificate()
  certificate.version = 2
  // Positive and without leading zeros, or it is no DER.
  const serial = webcrypto.getRandomValues(new Uint8Array(8))
  serial[0] = 0x42
  certificate.serialNumber = new asn1js.Integer({ valueHex: serial.buffer })
  certificate.subject.typesAndValues.push(commonName(given.name))
  certificate.issuer.typesAndValues.push(commonName(given.issuer))
  certificate.notBefore.value = new Date(Date.now() - dayMs)
  certificate.notAfter.value = new Date(Date.now() + 30 * dayMs)
  const isAuthority = given.names.length === 0 && given.name === given.issuer
  certificate.extensions = [
    new pkijs.Extension({
      extnID: '2.5.29.19',
      critical: true,
      extnValue: new pkijs.BasicConstraints({ cA: isAuthority }).toSchema().toBER(false),
    }),
  ]
  if (given.names.length > 0) {
    const names = given.names.map(asName)
    certificate.extensions.push(
      new pkijs.Extension({
        extnID: '2.5.29.17',
        extnValue: new pkijs.GeneralNames({ names }).toSchema().toBER(false),
      }),
    )
  }
  await certificate.subjectPublicKeyInfo.importKey(given.keys.publicKey as CryptoKey)
  await certificate.sign(given.signWith as CryptoKey, 'SHA-256')
  const made = new X509Certificate(Buffer.from(certificate.toSchema(true).toBER(false)))
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', given.keys.privateKey))
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return {
    key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: made.toString(),
    fingerprint: made.fingerprint256,
  }
}

function commonName(value: string): pkijs.AttributeTypeAndValue {
  return new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value }) })
}

function asName(name: string): pkijs.GeneralName {
  if (!/^\d+(\.\d+){3}$/.test(name)) return new pkijs.GeneralName({ type: 2, value: name })
  const valueHex = Uint8Array.from(name.split('.').map(Number)).buffer
  return new pkijs.GeneralName({ type: 7, value: new asn1js.OctetString({ valueHex }) })
}

import { X509Certificate } from 'node:crypto'
import * as tls from 'node:tls'
import type { Certificate, Trust } from '../../shared/destination.ts'

// Newer than the types that main is compiled against (Node 22.15); Electron 33 lacks it.
const { getCACertificates } = tls as { getCACertificates?: (kind: 'default' | 'system') => string[] }

let roots: readonly string[] | null = null

/**
 * The authorities that are trusted unless a destination says otherwise: the runtime's own and, where it can read them, the
 * operating system's. Read once, because that takes seconds on some systems.
 */
function systemRoots(): readonly string[] {
  roots ??= [
    ...new Set(
      getCACertificates === undefined
        ? tls.rootCertificates
        : [...getCACertificates('default'), ...getCACertificates('system')],
    ),
  ]
  return roots
}

/** The certificates of a PEM text, or null where it holds none, or something that is no certificate. */
export function certificatesIn(pem: string): string[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch {
    return null
  }
  return blocks.length === 0 ? null : blocks
}

/** How TLS judges a certificate for this trust; a pinned one is judged by `isPinned` and by nothing else. */
export function tlsOptionsFor(
  trust: Trust,
): Pick<tls.ConnectionOptions, 'secureContext' | 'rejectUnauthorized'> {
  switch (trust.kind) {
    case 'system':
      return { secureContext: tls.createSecureContext({ ca: [...systemRoots()] }) }
    case 'authority':
      return {
        secureContext: tls.createSecureContext({
          ca: [...systemRoots(), ...(certificatesIn(trust.pem) ?? [])],
        }),
      }
    case 'pinned':
      return { rejectUnauthorized: false }
  }
}

/** What a certificate, or one in PEM, says of itself, for people. */
export function describeCertificate(certificate: X509Certificate | string): Certificate {
  const { fingerprint256, subject, issuer, validFrom, validTo } =
    typeof certificate === 'string' ? new X509Certificate(certificate) : certificate
  const inOneLine = (name: string) => (name ?? '').split('\n').reverse().join(', ')
  return {
    fingerprint: fingerprint256,
    subject: inOneLine(subject),
    issuer: inOneLine(issuer),
    validFrom: new Date(validFrom).toISOString(),
    validTo: new Date(validTo).toISOString(),
  }
}

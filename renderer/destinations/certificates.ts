import type { Trust } from '../../shared/destination.ts'

const sizeLimit = 190_000

/** A fingerprint as people type or read it, as the contract has it (32 bytes with colons); null where it is none. */
export function readFingerprint(typed: string): string | null {
  const digits = typed.replace(/[\s:.-]/g, '').toUpperCase()
  return /^[0-9A-F]{64}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : null
}

/** A fingerprint in groups of four, to be read aloud. */
export function groupsOf(fingerprint: string): string[] {
  return fingerprint.replaceAll(':', '').match(/.{1,4}/g) ?? []
}

/**
 * The certificates in a file of an authority, PEM or DER, as PEM; null where it holds none. Nothing else of the file is taken, least of all
 * a private key. Its name goes before them, as RFC 7468 (section 2) allows, so that people see later which file it was.
 */
export function readAuthorityFile(name: string, bytes: Uint8Array): string | null {
  // Byte for byte: a browser's decoder takes "latin1" for another alphabet.
  const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('')
  const found = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g)
  const blocks = found ?? (bytes[0] === 0x30 ? [pemOf(text)] : [])
  const pem = [`# ${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)}`, ...blocks, ''].join('\n')
  return blocks.length === 0 || pem.length > sizeLimit ? null : pem
}

/** Whom a destination's server is believed by, in words; null where that is as usual. */
export function sayTrust(trust: Trust): string | null {
  switch (trust.kind) {
    case 'system':
      return null
    case 'authority':
      return `Authorities in ${fileOf(trust.pem) ?? 'a file'}`
    case 'pinned':
      return `Only the certificate ${groupsOf(trust.fingerprint).slice(0, 2).join(' ')} …`
  }
}

/** The name of the file that an authority was chosen from, where it is known. */
export function fileOf(pem: string): string | null {
  return /^# (.+)\n/.exec(pem)?.[1] ?? null
}

function pemOf(binary: string): string {
  const lines = btoa(binary).match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n')
}

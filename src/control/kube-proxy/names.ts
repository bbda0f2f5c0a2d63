import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from '../../wire/index.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first 16 characters of base32: ten bytes. @rfc 4648 §6 */
function shortText(digest: Uint8Array): string {
  let text = ''
  for (let i = 0; i < 10; i += 5) {
    const high = ((digest[i]! << 16) | (digest[i + 1]! << 8) | digest[i + 2]!) >>> 4
    const low = ((digest[i + 2]! & 15) << 16) | (digest[i + 3]! << 8) | digest[i + 4]!
    for (const word of [high, low]) {
      text += ALPHABET[word >> 15]! + ALPHABET[(word >> 10) & 31]! + ALPHABET[(word >> 5) & 31]! + ALPHABET[word & 31]!
    }
  }
  return text
}

/** What tells a port of a Service in names of chains. */
export function portHash(servicePort: string, protocol: string): string {
  return shortText(sha256(encodeUtf8(`${servicePort}${protocol}`)))
}

const endpointChains = new Map<string, string>()
/** Names that are kept: those of one endpoint are asked for on every node, edit after edit. */
const MOST_NAMES = 50_000

/** The chain of an endpoint. */
export function endpointChain(servicePort: string, protocol: string, endpoint: string): string {
  const text = `${servicePort}${protocol}${endpoint}`
  const known = endpointChains.get(text)
  if (known !== undefined) return known
  if (endpointChains.size >= MOST_NAMES) endpointChains.clear()
  const name = `KUBE-SEP-${shortText(sha256(encodeUtf8(text)))}`
  endpointChains.set(text, name)
  return name
}

/** `namespace/service:port`, or without the port's name where it has none: what kube-proxy calls a port of a Service. */
export function servicePortName(namespace: string, service: string, port: string): string {
  return port === '' ? `${namespace}/${service}` : `${namespace}/${service}:${port}`
}

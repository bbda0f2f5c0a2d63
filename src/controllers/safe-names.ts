/** Letters and digits of names that are made: no vowels and nothing that looks like another. @kubernetes apimachinery/pkg/util/rand */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/** A number of 32 bits, the same for the same text: what a real cluster draws. @rfc draft-eastlake-fnv FNV-1a */
export function safeHash(text: string): number {
  let hash = OFFSET
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ (text.charCodeAt(i) & 0xff), PRIME)
    hash = Math.imul(hash ^ (text.charCodeAt(i) >> 8), PRIME)
  }
  return hash >>> 0
}

/** Some characters that are safe in names, the same for the same text. */
export function safeSuffix(text: string, length: number): string {
  let out = ''
  for (let i = 0; i < length; i++) out += SAFE[safeHash(`${i} ${text}`) % SAFE.length]!
  return out
}

/** The hash of a template, as it stands in names and labels: digits of a number, in safe characters. */
export function templateHash(template: unknown): string {
  let out = ''
  for (const digit of String(safeHash(canonical(template)))) out += SAFE[digit.charCodeAt(0) % SAFE.length]!
  return out
}

/** JSON with the keys of maps in order, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const map = value as Readonly<Record<string, unknown>>
  const fields = Object.keys(map).filter((key) => map[key] !== undefined)
  return `{${fields
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(map[key])}`)
    .join(',')}}`
}

/** The id of a sandbox as runtimes write them, the same for the same text. */
export function sandboxId(text: string): string {
  return Array.from({ length: 8 }, (_, i) => safeHash(`sandbox ${i} ${text}`).toString(16).padStart(8, '0')).join('')
}

/** 32 digits, the same for the same text. */
function hexOf(text: string): string {
  return [0, 1, 2, 3].map((i) => safeHash(`uid ${i} ${text}`).toString(16).padStart(8, '0')).join('')
}

/** What tells a cluster from all others, which the first calico-node draws. @calico libcalico-go/lib/clientv3/client.go EnsureInitialized */
export function clusterGuid(seed: number): string {
  return hexOf(`cluster ${seed}`)
}

/** A unique id as Kubernetes writes them, the same for the same text. */
export function uidOf(text: string): string {
  const hex = hexOf(text)
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4]!
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

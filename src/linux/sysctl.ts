import { type Namespace, type Origin, type Sysctls, sysctlOf } from '../model/index.ts'
import { linesOf, originAt, type Place, report } from './place.ts'

const KEY = /^[A-Za-z0-9_][A-Za-z0-9_.:/@+*-]*$/

/** One `key = value` line. `sysctl` writes a dot inside an interface name as `/`. */
export function parseSysctlLine(text: string): { readonly key: string; readonly value: string } | undefined {
  const equals = text.indexOf('=')
  if (equals < 0) return undefined
  const key = text.slice(0, equals).trim()
  if (!KEY.test(key)) return undefined
  return { key: sysctlKey(key), value: text.slice(equals + 1).trim() }
}

/** A key with slashes between its parts (`net/ipv4/conf/eth0.1/proxy_arp`) in the spelling with dots. */
export function sysctlKey(key: string): string {
  const dot = key.indexOf('.')
  const slash = key.indexOf('/')
  if (slash < 0 || (dot >= 0 && dot < slash)) return key
  return key.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

/** Values of `sysctl -a` by key, and where each stands. */
export interface ReadSysctls {
  /** Every value as printed. */
  readonly values: Sysctls
  /** Its line. */
  readonly origins: Readonly<Record<string, Origin>>
}

/** Keys and secrets of the kernel: `tcp_fastopen_key`, `stable_secret`. No packet needs them, and nobody should keep them. */
const SECRET = /^[^=]*(_key|secret)\b/

/** `sysctl -a` or part of it. Lines `sysctl: …` (keys it may not read) are passed over, and secrets are. */
export function readSysctls(text: string, place: Place): ReadSysctls {
  const entries: [string, string][] = []
  const origins: [string, Origin][] = []
  for (const line of linesOf(text, place)) {
    if (/^\s*#/.test(line.text) || line.text.startsWith('sysctl:') || SECRET.test(line.text)) continue
    const parsed = parseSysctlLine(line.text)
    if (parsed === undefined) report(line.place, 'syntax', 'key = value', line.text)
    else {
      entries.push([parsed.key, parsed.value])
      origins.push([parsed.key, originAt(line.place)])
    }
  }
  return { values: Object.fromEntries(entries), origins: Object.fromEntries(origins) }
}

/** `sysctl` lines for every key the namespace sets, in the order of the model. */
export function sysctlList(ns: Namespace): string {
  return Object.entries(ns.sysctls)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')
}

/**
 * What `cat` prints for a path under /proc/sys/net: the value packetwalk works with and a line break.
 * @returns undefined when packetwalk knows no such value, or the interface in the path does not exist
 */
export function procSys(ns: Namespace, path: string): string | undefined {
  const match = /^\/proc\/sys\/(net\/.+)$/.exec(path.replace(/\/+/g, '/'))
  if (match === null) return undefined
  const dev = /^net\/ipv[46]\/(?:conf|neigh)\/([^/]+)\//.exec(match[1]!)?.[1]
  if (dev !== undefined && dev !== 'all' && dev !== 'default' && ns.interfaces[dev] === undefined) return undefined
  const value = sysctlOf(ns, sysctlKey(match[1]!))
  return value === undefined ? undefined : `${value}\n`
}

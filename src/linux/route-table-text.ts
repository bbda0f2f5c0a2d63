import { ipv4ToNumber, parseIp } from '../wire/index.ts'
import { atLine, type Json, linesWithIndent } from './cursor.ts'

const HEAD = /^Destination\s+Gateway\s+Genmask\s+Flags\s+(Metric|MSS)\b/
const HEAD6 = /^Destination\s+Next Hop\s+Flag/

/** Whether a text is the table `route -n`, `netstat -rn` or `route -6 -n` prints. */
export function isRouteTable(text: string): boolean {
  return linesWithIndent(text).some((line) => HEAD.test(line.text) || HEAD6.test(line.text))
}

/** The length of a netmask; undefined when it is none. */
export function maskLength(mask: string): number | undefined {
  const ip = parseIp(mask)
  if (ip === undefined || ip.includes(':')) return undefined
  const bits = ipv4ToNumber(ip).toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined
}

/** `route -n` as the objects `ip -j route` gives: table main, without sources, protocols and scopes. */
export function routeTableObjects(text: string): Json[] {
  const inet6 = linesWithIndent(text).some((line) => HEAD6.test(line.text))
  return linesWithIndent(text).flatMap(({ text: line, number }) => {
    const columns = line.trim().split(/\s+/)
    const route = inet6 ? route6Of(columns) : routeOf(columns)
    return route === undefined ? [] : [atLine(route, number)]
  })
}

/** Destination, gateway, mask, flags, metric, references, use, device. A `!` is a route that refuses. */
function routeOf(columns: readonly string[]): Json | undefined {
  const [destination = '', gateway = '', mask = '', flags = '', metric = ''] = columns
  const length = maskLength(mask)
  const dev = columns.at(-1) ?? ''
  const to = destination === 'default' ? '0.0.0.0' : destination
  if (columns.length < 8 || length === undefined || parseIp(to) === undefined) return undefined
  const dst = length === 0 ? 'default' : `${to}/${length}`
  const base = { dst, flags: [], ...(/^[1-9]\d*$/.test(metric) ? { metric: Number(metric) } : {}) }
  if (flags.includes('!')) return { ...base, type: 'unreachable' }
  const via = flags.includes('G') ? gateway : undefined
  return { ...base, ...(via === undefined ? { scope: 'link' } : { gateway: via }), dev }
}

/** Destination, next hop, flags, metric, references, use, device. */
function route6Of(columns: readonly string[]): Json | undefined {
  const [destination = '', gateway = '', flags = '', metric = ''] = columns
  const dst = destination === '[::]/0' ? '::/0' : destination
  const dev = columns.at(-1) ?? ''
  if (columns.length < 6 || !/^[0-9a-f:]+\/\d+$/i.test(dst) || flags.includes('n')) return undefined
  if (flags.includes('!')) return { dst, type: 'unreachable', flags: [] }
  const isLocal = /\bU?n\b|l/.test(flags) || dev === 'lo'
  if (isLocal) return undefined
  return { dst, flags: [], ...(gateway === '[::]' || gateway === '::' ? {} : { gateway }), metric: Number(metric), dev }
}

import { type Neighbour, neighboursOf, type Route } from '../model/index.ts'
import { netmaskText, prefixAddress, prefixLength } from '../wire/index.ts'
import { shownRoutes } from './route.ts'
import type { View } from './view.ts'

/** What `arp` is asked for. */
export interface ArpOptions {
  /** Only this device (`-i`). */
  readonly dev?: string
  /** A run's neighbour table instead of the one in the model. */
  readonly entries?: readonly Neighbour[]
}

/** /proc/net/arp: IPv4 entries that somebody asked for. */
function shown(view: View, options: ArpOptions): Neighbour[] {
  return (options.entries ?? neighboursOf(view.network, view.ns)).filter(
    (entry) =>
      !entry.dst.includes(':') &&
      entry.state !== 'NOARP' &&
      entry.state !== 'NONE' &&
      (options.dev === undefined || entry.dev === options.dev),
  )
}

/** Whether the entry has an answer (`ATF_COM`). */
function isComplete(entry: Neighbour): boolean {
  return entry.lladdr !== undefined && entry.state !== 'INCOMPLETE' && entry.state !== 'FAILED'
}

/** `arp -n` of net-tools 2.10; nothing when the table is empty. */
export function arp(view: View, options: ArpOptions = {}): string {
  const lines = shown(view, options).map((entry) => {
    const flags = `C${entry.state === 'PERMANENT' ? 'M' : ''}`
    const where = isComplete(entry)
      ? `${'ether'.padEnd(8)}${entry.lladdr!.padEnd(20)}${flags.padEnd(22)}`
      : `${''.padEnd(8)}${'(incomplete)'.padEnd(42)}`
    return `${entry.dst.padEnd(25)}${where}${entry.dev}\n`
  })
  const proxies = view.ns.proxyNeighbours.filter((entry) => !entry.dst.includes(':'))
  for (const { dst, dev } of proxies) {
    lines.push(`${dst.padEnd(25)}${'*'.padEnd(8)}${'<from_interface>'.padEnd(20)}${'MP'.padEnd(22)}${dev ?? '*'}\n`)
  }
  if (lines.length === 0) return ''
  return `Address                  HWtype  HWaddress           Flags Mask            Iface\n${lines.join('')}`
}

/** `arp` of busybox, as in most containers. */
export function busyboxArp(view: View, options: ArpOptions = {}): string {
  return shown(view, options)
    .map((entry) => {
      const where = isComplete(entry) ? `${entry.lladdr} [ether] ` : '<incomplete> '
      return `? (${entry.dst}) at ${where}${entry.state === 'PERMANENT' ? 'PERM ' : ''} on ${entry.dev}\n`
    })
    .join('')
}

/** `route -n` of net-tools: the IPv4 routes of the main table. */
export function routeTable(view: View): string {
  const lines = shownRoutes(view).map(routeLine)
  const head =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n'
  return `${head}${lines.join('')}`
}

function routeLine(route: Route): string {
  const hop = route.nexthops?.[0] ?? route
  const refused = route.type === 'unreachable' || route.type === 'prohibit' || route.type === 'throw'
  const length = prefixLength(route.dst)
  const flags = refused ? '!' : `U${hop.via === undefined ? '' : 'G'}${length === 32 ? 'H' : ''}`
  const gateway = refused ? '-' : (hop.via ?? '0.0.0.0')
  const dev = refused ? '-' : (hop.dev ?? '*')
  return (
    `${prefixAddress(route.dst).padEnd(15)} ${gateway.padEnd(15)} ${netmaskText(length).padEnd(15)} ${flags.padEnd(5)} ` +
    `${String(route.metric ?? 0).padEnd(6)} ${(refused ? '-' : '0').padEnd(2)} ${'0'.padStart(7)} ${dev}\n`
  )
}

import type { PortRange } from '../../model/index.ts'
import type { PortText } from './kinds.ts'

/** A port as a rule names it: a range of numbers, or a name. */
export type ParsedPort = { readonly range: PortRange } | { readonly name: string }

/** Ports by protocol; undefined = all of the protocol. */
export type PortsByProtocol = ReadonlyMap<string, readonly PortText[] | undefined>

const NAME = /^[A-Za-z0-9_.-]{1,128}$/

/** A port of a rule; what would be right where it is none. @calico api/pkg/lib/numorstring/port.go */
export function parsePort(port: PortText): ParsedPort | string {
  const found = /^(\d+)(?::(\d+))?$/.exec(String(port))
  if (found === null) {
    return typeof port === 'string' && NAME.test(port)
      ? { name: port }
      : 'a port up to 65535, a range such as 80:90, or the name of a port'
  }
  const low = Number(found[1])
  const high = Number(found[2] ?? found[1])
  if (low > 65535 || high > 65535) return 'ports up to 65535'
  return low <= high ? { range: { low, high } } : `a range whose first port is not behind its last, e.g. ${high}:${low}`
}

/** Ports that are ranges of numbers, in order; faults left out. */
export function rangesOf(ports: readonly PortText[]): PortRange[] {
  return ports.flatMap((port) => {
    const parsed = parsePort(port)
    return typeof parsed === 'object' && 'range' in parsed ? [parsed.range] : []
  })
}

/** Ports that are names, in order. */
export function namesOf(ports: readonly PortText[]): string[] {
  return ports.flatMap((port) => {
    const parsed = parsePort(port)
    return typeof parsed === 'object' && 'name' in parsed ? [parsed.name] : []
  })
}

/** Adds a port of a protocol; no port takes in all of them, and stays. */
export function withPorts(
  found: Map<string, PortText[] | undefined>,
  protocol: string,
  port: PortText | undefined,
): void {
  if (port === undefined) found.set(protocol, undefined)
  else if (!found.has(protocol)) found.set(protocol, [port])
  else found.get(protocol)?.push(port)
}

/** Protocols by name, each with its ports joined; no port = all. */
export function sortedProtocols(ports: PortsByProtocol): [protocol: string, ports: readonly PortText[]][] {
  const names = [...ports.keys()].sort()
  return names.map((protocol) => [protocol, joinedPorts(ports.get(protocol) ?? [])])
}

/**
 * Names first, then numbers in order, neighbours joined: 81, 80, 443 → 80:81, 443. A single number stays where it is.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion/conversion.go
 */
function joinedPorts(ports: readonly PortText[]): readonly PortText[] {
  const ranges = rangesOf(ports)
  const numbers = ranges.reduce((count, { low, high }) => count + high - low + 1, 0)
  if (numbers <= 1) return ports
  const joined: { low: number; high: number }[] = []
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low || a.high - b.high)) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high)
    else joined.push({ low, high })
  }
  return [...namesOf(ports), ...joined.map(({ low, high }) => (low === high ? low : `${low}:${high}`))]
}

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

/** Why Calico takes a text for no port, in its words; undefined for a port. @calico api/pkg/lib/numorstring/port.go */
export function portRefusal(port: string): string | undefined {
  const parsed = parsePort(port)
  if (typeof parsed === 'object') return undefined
  const [, low, high] = /^(\d+)(?::(\d+))?$/.exec(port) ?? []
  if (low === undefined) return `invalid name for named port (${port})`
  if (high === undefined) return `invalid port format (${port})`
  if (Number(low) > 65535) return `invalid minimum port number in range (${port})`
  if (Number(high) > 65535) return `invalid maximum port number in range (${port})`
  return `minimum port number (${Number(low)}) is greater than maximum port number (${Number(high)}) in port range`
}

/** A port as Calico writes it: a number, a range of different numbers, or a name. */
export function portText(port: ParsedPort): PortText {
  return 'name' in port ? port.name : rangeText(port.range)
}

function rangeText({ low, high }: PortRange): PortText {
  return low === high ? low : `${low}:${high}`
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
 * Names first, then numbers in order, neighbours joined: 81, 80, 443 → 80:81, 443. A single number among names stays where it is.
 *
 * @param ports - as {@link portText} writes them: digits alone are the name of a port
 * @calico libcalico-go/lib/backend/k8s/conversion/conversion.go
 */
export function joinedPorts(ports: readonly PortText[]): readonly PortText[] {
  const isName = (port: PortText): boolean => typeof port === 'string' && !port.includes(':')
  const ranges = rangesOf(ports.filter((port) => !isName(port)))
  const numbers = ranges.reduce((count, { low, high }) => count + high - low + 1, 0)
  if (numbers <= 1) return ports
  const joined: { low: number; high: number }[] = []
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low || a.high - b.high)) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high)
    else joined.push({ low, high })
  }
  return [...ports.filter(isName), ...joined.map(rangeText)]
}

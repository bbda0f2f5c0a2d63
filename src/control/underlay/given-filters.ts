import { parsePortRange, protocolNumber, protocolText } from '../../linux/index.ts'
import type { PortRange } from '../../model/index.ts'
import { explainPrefix, familyOf, type Prefix, parsePrefix } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import { type FieldPath, originOf } from '../origin.ts'
import type { UnderlayFilter, UnderlayResource } from './kind.ts'
import type { PlannedFilter } from './plan.ts'

/** Protocols with ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132])
const UDP = 17
const VXLAN_PORT = 4789

/** Reads the filters of a segment or a router. One that cannot be read is a fault, and left out. */
export function planFilters(
  underlay: UnderlayResource,
  filters: readonly UnderlayFilter[],
  path: FieldPath,
  findings: Findings,
): PlannedFilter[] {
  return filters.flatMap((filter, i) => {
    const fault = (field: string, expected: string, received: unknown): undefined => {
      findings.fault('invalid', underlay, [...path, i, field], expected, String(received))
    }
    const planned = planFilter(filter, fault)
    const place = filter.reserved === true ? [...path, i, 'reserved'] : [...path, i]
    return planned === undefined ? [] : [{ ...planned, origin: originOf('underlay', underlay, place) }]
  })
}

type Fault = (field: string, expected: string, received: unknown) => undefined

function planFilter(filter: UnderlayFilter, fault: Fault): Omit<PlannedFilter, 'origin'> | undefined {
  const { action = 'drop', vni, reserved = false } = filter
  if (reserved && action === 'accept') return fault('reserved', 'action drop beside reserved', 'accept')
  const given = filter.protocol === undefined ? undefined : protocolNumber(String(filter.protocol))
  if (filter.protocol !== undefined && (given === undefined || given === 0)) {
    return fault('protocol', 'an IP protocol, by its number from 1 to 255 or its name', filter.protocol)
  }
  const protocol = given ?? (vni === undefined ? undefined : UDP)
  if (vni !== undefined && protocol !== UDP) return fault('vni', 'protocol udp beside vni', filter.protocol)
  const port = filter.port === undefined ? usualPort(vni) : parsePortRange(String(filter.port), '-')
  if (filter.port !== undefined && port === undefined) {
    return fault('port', 'a port from 0 to 65535, or a range such as 30000-32767', filter.port)
  }
  if (port !== undefined && !WITH_PORTS.has(protocol ?? 0)) {
    return fault('port', 'protocol tcp, udp or sctp beside port', filter.protocol ?? 'no protocol')
  }
  const source = rangeOf(filter.source, 'source', fault)
  const destination = rangeOf(filter.destination, 'destination', fault)
  if (source === 'wrong' || destination === 'wrong') return undefined
  if (source && destination && familyOf(source) !== familyOf(destination)) {
    return fault('destination', `a range of the family of ${source}`, destination)
  }
  return {
    name: filter.name ?? nameOf(action, { protocol, port, vni, source, destination }),
    action,
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === undefined ? {} : { port }),
    ...(vni === undefined ? {} : { vni }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  }
}

function usualPort(vni: number | undefined): PortRange | undefined {
  return vni === undefined ? undefined : { low: VXLAN_PORT, high: VXLAN_PORT }
}

function rangeOf(text: string | undefined, field: string, fault: Fault): Prefix | undefined | 'wrong' {
  if (text === undefined) return undefined
  const prefix = parsePrefix(text)
  if (prefix !== undefined) return prefix
  fault(field, `a network (${explainPrefix(text)?.message ?? 'a.b.c.d/n'})`, text)
  return 'wrong'
}

interface Tests {
  readonly protocol: number | undefined
  readonly port: PortRange | undefined
  readonly vni: number | undefined
  readonly source: Prefix | undefined
  readonly destination: Prefix | undefined
}

/** What a filter without a name is called: what it matches. */
function nameOf(action: string, { protocol, port, vni, source, destination }: Tests): string {
  const ports = port === undefined ? '' : ` port ${port.low}${port.low === port.high ? '' : `-${port.high}`}`
  const words = [
    protocol === undefined
      ? ''
      : `${protocolText(protocol) === String(protocol) ? 'protocol ' : ''}${protocolText(protocol)}${ports}`,
    vni === undefined ? '' : `VNI ${vni}`,
    source === undefined ? '' : `from ${source}`,
    destination === undefined ? '' : `to ${destination}`,
  ].filter((word) => word !== '')
  return `${action} ${words.length === 0 ? 'everything' : words.join(', ')}`
}

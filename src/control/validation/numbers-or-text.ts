import { PORT_NAME } from './text-checks.ts'

/** Values that Calico takes as numbers or as text. @calico api/pkg/lib/numorstring */

const DIGITS = /^[0-9]+$/

/** A number of a byte, plain or as text. */
export function octetOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 255 ? number : undefined
}

/** The number of an autonomous system: 32 bits, or two times 16 with a dot between them. */
export function asNumberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : undefined
  const found = typeof value === 'string' ? /^([0-9]+)(?:\.([0-9]+))?$/.exec(value) : null
  if (found === null) return undefined
  const high = Number(found[1])
  if (found[2] === undefined) return high < 2 ** 32 ? high : undefined
  const low = Number(found[2])
  return high < 65536 && low < 65536 ? high * 65536 + low : undefined
}

/** Names of protocols, as they must be written. */
const PROTOCOL_NAMES: readonly string[] = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite']

/** Whether a value names a protocol. */
export function isProtocol(value: unknown): boolean {
  const number = octetOf(value)
  return number === undefined ? PROTOCOL_NAMES.includes(String(value)) : number !== 0
}

/** Whether a protocol has ports. */
export function protocolHasPorts(value: unknown): boolean {
  const number = octetOf(value)
  if (number !== undefined) return [6, 17, 132].includes(number)
  return ['TCP', 'UDP', 'SCTP', 'tcp', 'udp', 'sctp'].includes(String(value))
}

/** Whether two ways to write a protocol mean the same one: a name and its number. */
export function isOneOf(value: unknown, name: string, number: number): boolean {
  return value === name || octetOf(value) === number
}

/** A port, as Calico reads it. */
export type PortValue = { readonly low: number; readonly high: number } | { readonly name: string }

/** Reads a port; undefined when it is none at all. */
export function portOf(value: unknown): PortValue | undefined {
  if (typeof value === 'number') return isPort16(value) ? { low: value, high: value } : undefined
  if (typeof value !== 'string') return undefined
  const found = /^([0-9]+)(?::([0-9]+))?$/.exec(value)
  if (found === null) return /^[a-zA-Z0-9_.-]{1,128}$/.test(value) ? { name: value } : undefined
  const low = Number(found[1])
  const high = Number(found[2] ?? found[1])
  return isPort16(low) && isPort16(high) && low <= high ? { low, high } : undefined
}

function isPort16(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65535
}

/** Why a value is no port. */
export function portFault(value: unknown, named: boolean): string | undefined {
  const port = portOf(value)
  if (port === undefined) return 'no port'
  if ('name' in port) return named && PORT_NAME.ok(port.name) ? undefined : 'no name of a port'
  return port.low < 1 ? 'ports begin with 1' : undefined
}

/** Whether a port is given by its name. */
export function isNamedPort(value: unknown): boolean {
  const port = portOf(value)
  return port !== undefined && 'name' in port
}

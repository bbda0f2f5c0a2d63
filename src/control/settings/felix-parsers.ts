import type { PortRange } from '../../model/index.ts'
import { hostPrefix, type Ip, type Prefix, parseIp, parsePrefix } from '../../wire/index.ts'

/** A port of the host, of one protocol, perhaps only towards some others. */
export interface HostPort {
  /** Protocol. */
  readonly protocol: 'tcp' | 'udp'
  /** Port. */
  readonly port: number
  /** The others' addresses. */
  readonly net?: Prefix
}

/** One of some words, in the case of the first list; what is none of them counts as nothing said. */
export function wordOf<const W extends string>(value: unknown, words: readonly W[]): W | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : undefined
  return words.find((word) => word.toLowerCase() === text)
}

/** A range, or an address as the range of itself. */
export function rangeOf(text: unknown): Prefix | undefined {
  if (typeof text !== 'string') return undefined
  const address: Ip | undefined = parseIp(text)
  return address === undefined ? parsePrefix(text) : hostPrefix(address)
}

/** A port from its parts; TCP where no protocol is given. */
export function hostPort(protocol: unknown, port: unknown, net: unknown): HostPort | undefined {
  const word = wordOf(protocol ?? 'tcp', ['tcp', 'udp'])
  const number = typeof port === 'string' && port !== '' ? Number(port) : port
  if (word === undefined || typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65535)
    return undefined
  const range = rangeOf(net)
  return { protocol: word, port: number, ...(range === undefined ? {} : { net: range }) }
}

/** `tcp:22`, `22`, `tcp:10.0.0.0/8:22`, `tcp:[fd00::/8]:22`. @calico felix/config/param_types.go PortListParam */
export function parseHostPort(text: string): HostPort | undefined {
  const found =
    /^(?:(?<protocol>[a-z]+):)?(?:(?:\[(?<six>[^\]]+)\]|(?<four>[0-9.]+(?:\/[0-9]+)?)):)?(?<port>[0-9]+)$/i.exec(
      text.trim(),
    )
  if (found === null) return undefined
  const { protocol, six, four, port } = found.groups!
  return hostPort(protocol, port, six ?? four)
}

/** `32768:65535`, or one port. */
export function parsePorts(value: unknown): PortRange | undefined {
  const found = /^([0-9]{1,5})(?::([0-9]{1,5}))?$/.exec(String(value ?? ''))
  if (found === null) return undefined
  const low = Number(found[1])
  const high = Number(found[2] ?? found[1])
  return low <= high && high <= 65535 ? { low, high } : undefined
}

import type { Cluster, PodResource } from '../control/index.ts'
import { didYouMean, InputError } from '../model/index.ts'
import { portsOf } from './declared-ports.ts'
import type { Endpoint } from './endpoint.ts'

/** Protocols with ports that packetwalk sends. */
export type Transport = 'tcp' | 'udp'

/** What stands behind the last colon of a destination: `80`, `http`, `53/udp`. */
export interface PortWord {
  /** Number, or the name that a Service or a container gives it. */
  readonly port: number | string
  /** The protocol, where it was said. */
  readonly protocol: Transport | undefined
}

/** A port by its number. */
export interface NumberedPort {
  /** Number. */
  readonly number: number
  /** Protocol. */
  readonly protocol: Transport
}

const TRANSPORTS: readonly Transport[] = ['tcp', 'udp']

/** A name of a port: as long as IANA allows, with a letter in it. */
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/

function refuse(expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: ['--to'], expected, received }])
}

/**
 * Takes `NS/POD:80`, `svc/NS/NAME:http`, `10.0.0.1:53/udp`, `[fd00::1]:53` apart; without a port the whole word is the end.
 * @throws InputError for a port that is none, or a protocol that packetwalk does not send
 */
export function splitPort(word: string): { readonly to: string; readonly port: PortWord | undefined } {
  const found = /^\[(.+)\]:([^:]*)$/.exec(word) ?? /^([^:]+):([^:]*)$/.exec(word)
  if (found === null) return { to: /^\[(.+)\]$/.exec(word)?.[1] ?? word, port: undefined }
  const [, to = '', text = ''] = found
  const [port = '', protocol, ...more] = text.split('/')
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0
  const isName = PORT_NAME.test(port)
  if ((!isName && (number < 1 || number > 65535)) || more.length > 0)
    throw refuse('a port from 1 to 65535, or its name, with /udp behind it for UDP', text || 'none')
  const known = TRANSPORTS.find((one) => one === protocol?.toLowerCase())
  if (protocol !== undefined && known === undefined)
    throw refuse('tcp or udp behind the port: packetwalk sends no other protocol with ports', text)
  return { to, port: { port: isName ? port : number, protocol: known } }
}

/**
 * The number behind a port, and its protocol: what was said, what the object with a port of that name says, else TCP.
 * @param pod - the pod that the destination is, if it is one
 * @throws InputError when nothing there gives a port that name for that protocol
 */
export function portOf(
  cluster: Cluster | null,
  end: Endpoint,
  pod: PodResource | undefined,
  { port, protocol }: PortWord,
): NumberedPort {
  if (typeof port === 'number') return { number: port, protocol: protocol ?? 'tcp' }
  const declared = cluster === null ? [] : portsOf(cluster, end, pod)
  const named = declared.filter(({ name }) => name === port)
  const sent = named.flatMap((one) => {
    const found = TRANSPORTS.find((known) => known === one.protocol.toLowerCase())
    return found === undefined ? [] : [{ number: one.number, protocol: found }]
  })
  const found = sent.find((one) => protocol === undefined || one.protocol === protocol)
  if (found !== undefined) return found
  const [other] = named
  if (other !== undefined) {
    const expected = `a port of ${end.label} for ${(protocol ?? 'tcp or udp').toUpperCase().replace(' OR ', ' or ')}`
    throw refuse(expected, `"${port}", which is ${other.number}/${other.protocol}`)
  }
  const names = declared.flatMap(({ name }) => name ?? [])
  const hint = names.length === 0 ? 'nothing there names its ports' : didYouMean(port, names)
  throw refuse(`the number or the name of a port of ${end.label}; ${hint}`, `"${port}"`)
}

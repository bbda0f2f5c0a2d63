import type { CalicoVersion } from '../control/index.ts'
import type { Input } from '../input/index.ts'
import {
  checkArgument,
  checkOptions,
  InputError,
  isRecord,
  NOTE_TOPICS,
  type Note,
  type NoteTopic,
} from '../model/index.ts'
import {
  type Range,
  type RawSendOptions,
  type TcpConnectOptions,
  TRANSFER_RANGES,
  type UdpSendOptions,
} from '../programs/index.ts'
import { addressKey, type Ip } from '../wire/index.ts'

/** How to open a lab. */
export interface LabOptions {
  /** Topics that make no answer undecided: answers are given without what they are about, and say so. */
  readonly ignore?: readonly NoteTopic[]
  /** What is known to be missing or made up in a network that was not built from objects, e.g. that of dumps. */
  readonly notes?: readonly Note[]
  /** Decides every choice; same seed, same bytes. Absent = 1. */
  readonly seed?: number
  /** A pod, `namespace/name`, that Services choose where it is one of their endpoints; absent = the seed chooses. */
  readonly backend?: string
  /** Calico's release; absent = what the objects say. */
  readonly calicoVersion?: CalicoVersion
  /** Record what happens, so that it can be traced; absent = true. */
  readonly record?: boolean
  /** How long programs take to follow what is stored: as long as Calico's do, drawn by the seed, or no time; absent = `instant`. */
  readonly delays?: 'calico' | 'instant'
  /** Entries of `lab.log` that are kept, the newest; `forgotten` counts the others. Absent = 100,000. */
  readonly history?: number
}

/** How to open a lab of dumps. */
export interface DumpOptions extends LabOptions {
  /** Kubernetes and Calico objects of the same cluster, YAML or JSON. */
  readonly objects?: string | Input | readonly Input[]
}

/** What may be said of a datagram besides its ends. */
export interface UdpOptions {
  /** Source address; the kernel chooses when left out. */
  readonly source?: Ip
  /** Source port; one that was not used yet when left out. */
  readonly sourcePort?: number
  /** Bytes of data; when left out 32, and to port 53 a question for the name of the API server. */
  readonly size?: number
  /** Datagrams; 1 when left out. */
  readonly count?: number
  /** Time to live, or hop limit. */
  readonly ttl?: number
  /** Never cut it into fragments. */
  readonly dontFragment?: boolean
  /** Seconds to wait for answers. */
  readonly timeout?: number
  /** Whether something listens there, where the destination is in the network; true when left out. */
  readonly server?: boolean
}

/** What may be said of a connection besides its ends. */
export interface TcpOptions {
  /** Source address; the kernel chooses when left out. */
  readonly source?: Ip
  /** Source port; one that was not used yet when left out. */
  readonly sourcePort?: number
  /** Bytes to send; 64 when left out. */
  readonly request?: number
  /** Bytes of the answer; 64 when left out. */
  readonly reply?: number
  /** Time to live, or hop limit, of the client's segments. */
  readonly ttl?: number
  /** Never cut a segment into fragments, whatever the host's `ip_no_pmtu_disc` says. */
  readonly dontFragment?: boolean
  /** Seconds until the client gives up. */
  readonly timeout?: number
  /** Whether something listens there, where the destination is in the network; true when left out. */
  readonly server?: boolean
}

/** What may be said of a packet of a bare protocol besides its ends: there are no ports. */
export type RawOptions = Omit<UdpOptions, 'sourcePort' | 'count'>

/** Numbers that sending a bare protocol takes. */
export const RAW_RANGES: Readonly<Record<string, Range>> = {
  ...TRANSFER_RANGES,
  protocol: { low: 0, high: 255, whole: true },
}

/** Protocols that are asked for by other words. */
const OWN_WAYS: Readonly<Record<number, string>> = {
  1: 'ping sends ICMP',
  6: 'a port behind the destination asks with TCP',
  17: 'a port behind the destination asks with UDP',
  58: 'ping sends ICMPv6',
}

/** Refuses a protocol that other words send. @throws InputError that names them */
export function checkRawProtocol(protocol: number): void {
  const own = OWN_WAYS[protocol]
  if (own === undefined) return
  const expected = `a protocol without a way of its own: ${own}`
  throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: String(protocol) }])
}

/** The program's options: addresses of the socket. */
export function rawProgram(options: RawOptions, daddr: RawSendOptions['daddr'], protocol: number): RawSendOptions {
  const { source, size = 32, ttl, dontFragment, timeout } = options
  return {
    daddr,
    protocol,
    size,
    ...(source === undefined ? {} : { saddr: addressKey(source) }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(dontFragment === true ? { pmtudisc: 'do' as const } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  }
}

/** Seconds a TCP client waits: three SYNs. */
const TCP_PATIENCE = 5

/** The program's options: addresses and ports of the socket. */
export function udpProgram(
  options: UdpOptions,
  daddr: UdpSendOptions['daddr'],
  dport: number,
  port: number,
): UdpSendOptions {
  const { source, sourcePort, size = 32, count = 1, ttl, dontFragment, timeout } = options
  return {
    daddr,
    dport,
    sport: sourcePort ?? port,
    size,
    count,
    ...(source === undefined ? {} : { saddr: addressKey(source) }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(dontFragment === true ? { pmtudisc: 'do' as const } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  }
}

/** The program's options: addresses and ports of the socket. */
export function tcpProgram(
  options: TcpOptions,
  daddr: TcpConnectOptions['daddr'],
  dport: number,
  port: number,
): TcpConnectOptions {
  const { source, sourcePort, request = 64, reply = 64, ttl, dontFragment, timeout = TCP_PATIENCE } = options
  return {
    daddr,
    dport,
    sport: sourcePort ?? port,
    request,
    reply,
    timeout,
    ...(source === undefined ? {} : { saddr: addressKey(source) }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(dontFragment === true ? { pmtudisc: 'do' as const } : {}),
  }
}

/** Refuses options no lab can be opened with. @throws InputError that names the option */
export function checkLabOptions(options: LabOptions): void {
  checkOptions(options)
  const { ignore = [], notes = [], seed = 1, backend = '', delays = 'instant', history = 0 } = options
  const topics: readonly unknown[] = NOTE_TOPICS
  const areTopics = Array.isArray(ignore) && ignore.every((topic) => topics.includes(topic))
  checkArgument(areTopics, 'options.ignore', `a list of topics: ${NOTE_TOPICS.join(', ')}`, ignore)
  checkArgument(Array.isArray(notes) && notes.every(isRecord), 'options.notes', 'a list of notes', notes)
  checkArgument(typeof backend === 'string', 'options.backend', 'the name of a pod', backend)
  checkArgument(Number.isFinite(seed), 'options.seed', 'a number', seed)
  const isCount = Number.isSafeInteger(history) && history >= 0
  checkArgument(isCount, 'options.history', 'a number of entries: whole, from 0', history)
  checkArgument(['calico', 'instant'].includes(delays), 'options.delays', "'calico' or 'instant'", delays)
}

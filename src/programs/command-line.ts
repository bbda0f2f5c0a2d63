import type { UdpSock } from '../dataplane/index.ts'
import { type Ip, parseIp } from '../wire/index.ts'
import type { PingOptions } from './ping-options.ts'
import type { TracerouteMethod, TracerouteOptions } from './traceroute-options.ts'

/** A server that waits for a probe. */
export interface ServerSpec {
  /** Namespace. */
  readonly netns: string
  /** Port. */
  readonly port: number
}

/** The command line of a program, understood. */
export type ProgramCommand =
  | { readonly kind: 'ping'; readonly options: PingOptions }
  | { readonly kind: 'traceroute'; readonly options: TracerouteOptions }
  | {
      readonly kind: 'udp'
      readonly destination: Ip
      readonly dport: number
      readonly sport: number
      readonly source?: Ip
      readonly size: number
      readonly count: number
      readonly ttl?: number
      readonly tos?: number
      readonly pmtudisc?: UdpSock['pmtudisc']
      readonly servers: readonly ServerSpec[]
      readonly replySize: number | null
      /** The tool for several servers ran, which says less about errors. */
      readonly terse: boolean
    }
  | {
      readonly kind: 'tcp'
      readonly destination: Ip
      readonly dport: number
      readonly sport: number
      readonly source?: Ip
      readonly request: number
      readonly reply: number
      readonly servers: readonly ServerSpec[]
    }
  | { readonly kind: 'inject'; readonly dev: string }
  | { readonly kind: 'wait' }

/** Understands the command line of a program; a text says what is not understood. */
export function parseProgram(kind: string, command: string): ProgramCommand | string {
  const words = command.split(/\s+/)
  switch (kind) {
    case 'icmp-echo':
      return ping(words)
    case 'traceroute-udp':
    case 'traceroute-icmp':
    case 'traceroute-tcp':
      return traceroute(words)
    case 'udp':
    case 'tcp':
      return transfer(kind, command)
    case 'inject':
      return { kind: 'inject', dev: /^inject on ([^\s:]+)/.exec(command)?.[1] ?? '' }
    case 'wait':
      return { kind: 'wait' }
    default:
      return `probes of kind ${kind}`
  }
}

interface Option {
  readonly flag: string
  readonly value: string
}

/** Splits getopt words: `valued` letters take a value, joined or as the next word; `--name=value` works too. */
function getopt(words: readonly string[], valued: string): { options: Option[]; rest: string[] } {
  const options: Option[] = []
  const rest: string[] = []
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string
    if (word.startsWith('--')) {
      const [flag = '', value = ''] = word.split('=')
      options.push({ flag, value })
    } else if (word.startsWith('-') && word.length > 1) {
      const letter = word[1] as string
      if (!valued.includes(letter)) for (const c of word.slice(1)) options.push({ flag: `-${c}`, value: '' })
      else options.push({ flag: `-${letter}`, value: word.length > 2 ? word.slice(2) : (words[++i] ?? '') })
    } else if (word !== '') rest.push(word)
  }
  return { options, rest }
}

function ping(words: readonly string[]): ProgramCommand | string {
  const { options, rest } = getopt(words, 'ciWwsetQMImpSl')
  const [target = '', scope] = (rest[0] ?? '').split('%')
  const destination = parseIp(target)
  if (destination === undefined) return `ping without an address: ${words.join(' ')}`
  const o: { -readonly [K in keyof PingOptions]: PingOptions[K] } = { destination }
  if (scope !== undefined) o.scope = scope
  for (const { flag, value } of options) {
    const fault = pingOption(o, flag, value)
    if (fault !== null) return fault
  }
  return { kind: 'ping', options: o }
}

function pingOption(
  o: { -readonly [K in keyof PingOptions]: PingOptions[K] },
  flag: string,
  value: string,
): string | null {
  switch (flag) {
    case '-n':
    case '-4':
    case '-6':
      return null
    case '-c':
      o.count = Number(value)
      return null
    case '-i':
      o.interval = Number(value)
      return null
    case '-W':
      o.linger = Number(value)
      return null
    case '-w':
      o.deadline = Number(value)
      return null
    case '-s':
      o.size = Number(value)
      return null
    case '-e':
      o.ident = Number(value)
      return null
    case '-t':
      o.ttl = Number(value)
      return null
    case '-Q':
      o.tos = Number(value)
      return null
    case '-m':
      o.mark = Number(value)
      return null
    case '-b':
      o.broadcast = true
      return null
    case '-R':
      o.recordRoute = true
      return null
    case '-q':
      o.quiet = true
      return null
    case '-M':
      if (value !== 'do' && value !== 'want' && value !== 'dont') return `ping -M ${value}`
      o.pmtudisc = value
      return null
    case '-I': {
      const source = parseIp(value)
      if (source === undefined) o.dev = value
      else o.source = source
      return null
    }
    default:
      return `ping ${flag}`
  }
}

function traceroute(words: readonly string[]): ProgramCommand | string {
  const { options, rest } = getopt(words, 'fmNpqwsit')
  const destination = parseIp(rest[0] ?? '')
  if (destination === undefined) return `traceroute without an address: ${words.join(' ')}`
  const o: { -readonly [K in keyof TracerouteOptions]: TracerouteOptions[K] } = { destination }
  const method = (m: TracerouteMethod): void => {
    o.method = m
  }
  const set: Readonly<Record<string, (value: string) => void>> = {
    '-n': () => {},
    '-4': () => {},
    '-6': () => {},
    '-I': () => method('icmp'),
    '-T': () => method('tcp'),
    '-U': () => method('udp'),
    '-F': () => {
      o.dontFragment = true
    },
    '-f': (v) => {
      o.firstHop = Number(v)
    },
    '-m': (v) => {
      o.maxHops = Number(v)
    },
    '-N': (v) => {
      o.simultaneous = Number(v)
    },
    '-p': (v) => {
      o.port = Number(v)
    },
    '-q': (v) => {
      o.probes = Number(v)
    },
    '-w': (v) => {
      o.wait = Number(v)
    },
    '-t': (v) => {
      o.tos = Number(v)
    },
    '-i': (v) => {
      o.dev = v
    },
    '-s': (v) => {
      const source = parseIp(v)
      if (source !== undefined) o.source = source
    },
    '--sport': (v) => {
      o.sport = Number(v)
    },
  }
  for (const { flag, value } of options) {
    const apply = set[flag]
    if (apply === undefined) return `traceroute ${flag}`
    apply(value)
  }
  return { kind: 'traceroute', options: o }
}

const TRANSFER = /^(?:udp-send|tcp-connect) (\S+):(\d+) -> (?:\[([^\]]+)\]|([^\s:]+)):(\d+)([^(]*)(?:\((.*)\))?/

function transfer(kind: 'udp' | 'tcp', command: string): ProgramCommand | string {
  const found = TRANSFER.exec(command)
  const destination = parseIp(found?.[3] ?? found?.[4] ?? '')
  if (found === null || destination === undefined) return command
  const dport = Number(found[5])
  const words = (found[6] ?? '').trim().split(/\s+/)
  const values = new Map(
    words.map((word): [string, string | undefined] => [word.split('=')[0] ?? '', word.split('=')[1]]),
  )
  const source = parseIp((found[1] ?? '').replace(/^\[|\]$/g, ''))
  const number = (key: string, otherwise: number): number => Number(values.get(key) ?? otherwise)
  const ends = {
    destination,
    dport,
    sport: Number(found[2]),
    ...(source === undefined ? {} : { source }),
    servers: serversOf(found[7] ?? '', dport),
  }
  if (kind === 'tcp') return { kind, ...ends, request: number('request', 0), reply: number('reply', 0) }
  const replySize = /reply size (\d+)/.exec(found[7] ?? '')?.[1]
  const pmtudisc = values.get('pmtudisc') as UdpSock['pmtudisc'] | undefined
  return {
    kind,
    ...ends,
    size: number('size', 0),
    count: number('count', 1),
    ...(values.has('ttl') ? { ttl: number('ttl', 64) } : {}),
    ...(values.has('tos') ? { tos: number('tos', 0) } : {}),
    ...(pmtudisc === undefined ? {} : { pmtudisc }),
    replySize: replySize === undefined ? null : Number(replySize),
    terse: /echo servers in/.test(found[7] ?? ''),
  }
}

/** `server in a`, `echo servers in a, b on port 9000, reply size same`, `no server`. */
function serversOf(text: string, dport: number): ServerSpec[] {
  const found = /servers? in (.*?)(?: on port (\d+))?(?:, reply.*)?$/.exec(text)
  if (found === null) return []
  const port = found[2] === undefined ? dport : Number(found[2])
  return (found[1] ?? '').split(/,\s*/).map((netns) => ({ netns, port }))
}

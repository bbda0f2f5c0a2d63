import { type ConntrackEventKind, conntrackLine, protocolNumber } from '../linux/index.ts'
import type { ConntrackEntry } from '../model/index.ts'
import { contains, type Ip, parseCidr, parseIp, prefixOf } from '../wire/index.ts'
import { ConntrackEvents, type EventsAsked } from './conntrack-events.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

const TOOL = 'conntrack v1.4.7 (conntrack-tools)'

type Test = (entry: ConntrackEntry) => boolean

/** Options with a value, by each of their names: the test they make of it; a text says what is wrong. */
type Filter = (value: string, protocol: number | undefined) => Test | string

const COMMANDS: Readonly<Record<string, string>> = {
  '--dump': '-L',
  '--list': '-L',
  '--delete': '-D',
  '--count': '-C',
  '--flush': '-F',
  '--event': '-E',
  '--stats': '-S',
  '--create': '-I',
  '--update': '-U',
  '--get': '-G',
}

/** Commands of the tool that are not here, and why. */
const NOT_MODELLED: Readonly<Record<string, string>> = {
  '-S': 'counts what each CPU found, and is not modelled',
  '-I': 'makes connections by hand, and is not modelled',
  '-U': 'changes connections by hand, and is not modelled',
  '-G': 'is not modelled: conntrack -L with the same options',
}

const EVENTS: Readonly<Record<string, readonly ConntrackEventKind[]>> = {
  NEW: ['NEW'],
  UPDATES: ['UPDATE'],
  DESTROY: ['DESTROY'],
  ALL: ['NEW', 'UPDATE', 'DESTROY'],
}

interface Asked {
  command: string | undefined
  extended: boolean
  /** `-e`. */
  events: ReadonlySet<ConntrackEventKind>
  readonly tests: Test[]
}

/** `conntrack -L|-D|-C|-F|-E [FILTERS] [-o extended]`. */
export function conntrackCommand(host: Host, words: readonly string[]): Run {
  const asked = readAsked(words.slice(1))
  if (typeof asked === 'string') return failed(`${TOOL}: ${asked}\n${TRY}`, 2)
  const { command } = asked
  if (command === undefined)
    return failed(`packetwalk: conntrack -L|-D|-C|-F|-E [-p tcp] [-s ADDRESS] [-d ADDRESS] …\n`, 2)
  const why = Object.hasOwn(NOT_MODELLED, command) ? NOT_MODELLED[command] : undefined
  if (why !== undefined) return failed(`packetwalk: conntrack ${command} ${why}`, 2)
  const { nf } = host.ns
  const matches: Test = (entry) => asked.tests.every((test) => test(entry))
  const all = (): readonly ConntrackEntry[] => nf?.conntrack() ?? []
  const lines = (list: readonly ConntrackEntry[]): string =>
    list.map((entry) => `${conntrackLine(entry, asked.extended)}\n`).join('')
  switch (command) {
    case '-E':
      return listen(host, { tool: TOOL, kinds: asked.events, extended: asked.extended, matches })
    case '-C':
      return printed(`${all().length}\n`)
    case '-F':
      nf?.flushConntrack()
      return printed('', `${TOOL}: connection tracking table has been emptied.\n`)
    case '-D': {
      const gone = nf?.forgetConnections(matches) ?? []
      const said = `${TOOL}: ${gone.length} flow entries have been deleted.\n`
      return gone.length === 0 ? failed(said) : printed(lines(gone), said)
    }
    default: {
      const shown = all().filter(matches)
      return printed(lines(shown), `${TOOL}: ${shown.length} flow entries have been shown.\n`)
    }
  }
}

function listen(host: Host, asked: EventsAsked): Run {
  if (host.starts !== undefined) return host.starts(new ConntrackEvents(host, asked), true)
  const how = 'conntrack -E & lets it listen while the next commands run; fg, or kill %1, ends it'
  return failed(`packetwalk: conntrack -E goes on until somebody ends it: ${how}`, 2)
}

const TRY = "Try `conntrack -h' or 'conntrack --help' for more information."

function readAsked(words: readonly string[]): Asked | string {
  const asked: Asked = { command: undefined, extended: false, events: new Set(EVENTS['ALL']), tests: [] }
  const given: (readonly [name: string, value: string])[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const command = COMMANDS[word] ?? word
    if (/^-[LDCFESIUG]$/.test(command)) {
      asked.command = command
      const table = words[i + 1]
      if (table === undefined || table.startsWith('-')) continue
      if (!['conntrack', 'expect', 'dying', 'unconfirmed'].includes(table)) return `unknown type \`${table}'`
      if (table !== 'conntrack') asked.tests.push(() => false)
      i++
      continue
    }
    const [name = '', joined] = word.startsWith('--') ? word.split('=', 2) : [word]
    const isKnown = Object.hasOwn(FILTERS, name) || Object.hasOwn(OF_PORTS, name)
    if (!isKnown) return `unknown option \`${name}'`
    const next = joined ?? words[i + 1]
    const isBare = next === undefined || (joined === undefined && next.startsWith('-'))
    if (isBare && !OPTIONAL.has(name)) return `option \`${name}' requires an argument`
    if (!isBare && joined === undefined) i++
    given.push([name, isBare ? '' : (next as string)])
  }
  return withFilters(asked, given)
}

function withFilters(asked: Asked, given: readonly (readonly [name: string, value: string])[]): Asked | string {
  const text = given.find(([name]) => name === '-p' || name === '--proto' || name === '--protonum')?.[1]
  const protocol = text === undefined ? undefined : protocolNumber(text)
  if (text !== undefined && protocol === undefined) return `\`${text}' unsupported protocol`
  if (protocol !== undefined) asked.tests.push((entry) => entry.protocol === protocol)
  for (const [name, value] of given) {
    if (name === '-o' || name === '--output') {
      const wrong = value.split(',').find((one) => one !== 'extended' && one !== 'ktimestamp')
      if (wrong !== undefined) return `packetwalk prints connections plain or extended, not as ${wrong}`
      asked.extended = value.includes('extended')
      continue
    }
    if (name === '-e' || name === '--event-mask') {
      const kinds = value.split(',').map((one) => (Object.hasOwn(EVENTS, one) ? EVENTS[one] : undefined))
      if (kinds.includes(undefined)) return `Bad parameter \`${value}'`
      asked.events = new Set(kinds.flatMap((one) => one ?? []))
      continue
    }
    // Of ports and states only a protocol with them knows.
    if (Object.hasOwn(OF_PORTS, name) && protocol === undefined) {
      const first = name === '--state' ? '-p tcp' : name.startsWith('--icmp') ? '-p icmp' : '-p tcp or -p udp'
      return `unknown option \`${name}' (packetwalk: it belongs to a protocol, which the tool has to be told: ${first})`
    }
    const filter = FILTERS[name] ?? OF_PORTS[name]
    const test = filter?.(value, protocol)
    if (typeof test === 'string') return test
    if (test !== undefined) asked.tests.push(test)
  }
  return asked
}

const OPTIONAL: ReadonlySet<string> = new Set([...['-n', '--src-nat', '-g', '--dst-nat', '-j', '--any-nat']])

/** An address, or the addresses of a subnet. */
function ofAddress(of: (entry: ConntrackEntry) => Ip): Filter {
  return (value) => {
    const cidr = parseCidr(value)
    if (cidr !== undefined) {
      const prefix = prefixOf(cidr.address, cidr.length)
      return (entry) => contains(prefix, of(entry))
    }
    const address = parseIp(value)
    return address === undefined ? `Invalid IP address \`${value}'` : (entry) => of(entry) === address
  }
}

const isSourceNat = ({ original, reply }: ConntrackEntry): boolean =>
  reply.dst !== original.src || (original.sport !== undefined && reply.dport !== original.sport)
const isDestinationNat = ({ original, reply }: ConntrackEntry): boolean =>
  reply.src !== original.dst || (original.dport !== undefined && reply.sport !== original.dport)

/** A connection that was translated, to an address if one is said. */
function ofNat(is: Test, of: (entry: ConntrackEntry) => Ip): Filter {
  return (value, protocol) => {
    const at = value === '' ? undefined : ofAddress(of)(value, protocol)
    if (typeof at === 'string') return at
    return (entry) => is(entry) && (at === undefined || at(entry))
  }
}

const sourceNat = ofNat(isSourceNat, ({ reply }) => reply.dst)
const destinationNat = ofNat(isDestinationNat, ({ reply }) => reply.src)
const anyNat: Filter = (value, protocol) => {
  const [source, destination] = [sourceNat(value, protocol), destinationNat(value, protocol)]
  if (typeof source === 'string') return source
  return (entry) => source(entry) || (destination as Test)(entry)
}

function ofNumber(what: string, of: (entry: ConntrackEntry) => number | undefined): Filter {
  return (value) => {
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : undefined
    return number === undefined ? `${what} \`${value}' is no number` : (entry) => (of(entry) ?? 0) === number
  }
}

const STATUS: Readonly<Record<string, Test>> = {
  ASSURED: ({ assured }) => assured === true,
  SEEN_REPLY: ({ unreplied }) => unreplied !== true,
  UNREPLIED: ({ unreplied }) => unreplied === true,
  SRC_NAT: isSourceNat,
  DST_NAT: isDestinationNat,
  CONFIRMED: () => true,
}

const status: Filter = (value) => {
  const tests = value.split(',').map((one) => (Object.hasOwn(STATUS, one) ? STATUS[one] : undefined))
  if (tests.some((one) => one === undefined)) return `Bad status parameter \`${value}'`
  return (entry) => tests.every((one) => one?.(entry) === true)
}

const family: Filter = (value) => {
  if (value !== 'ipv4' && value !== 'ipv6') return `\`${value}' unsupported protocol`
  return (entry) => entry.family === (value === 'ipv4' ? 'inet' : 'inet6')
}

const TCP_STATES: ReadonlySet<string> = new Set(
  'NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE LISTEN SYN_SENT2'.split(' '),
)

const state: Filter = (value) =>
  TCP_STATES.has(value) ? (entry) => entry.state === value : `unknown TCP state \`${value}'`

const always: Filter = () => () => true
const originalSource = ofAddress(({ original }) => original.src)
const originalDestination = ofAddress(({ original }) => original.dst)
const replySource = ofAddress(({ reply }) => reply.src)
const replyDestination = ofAddress(({ reply }) => reply.dst)

const FILTERS: Readonly<Record<string, Filter>> = {
  '-p': always,
  '--proto': always,
  '--protonum': always,
  '-o': always,
  '-e': always,
  '--event-mask': always,
  '--output': always,
  '-s': originalSource,
  '--src': originalSource,
  '--orig-src': originalSource,
  '-d': originalDestination,
  '--dst': originalDestination,
  '--orig-dst': originalDestination,
  '-r': replySource,
  '--reply-src': replySource,
  '-q': replyDestination,
  '--reply-dst': replyDestination,
  '-n': sourceNat,
  '--src-nat': sourceNat,
  '-g': destinationNat,
  '--dst-nat': destinationNat,
  '-j': anyNat,
  '--any-nat': anyNat,
  '-m': ofNumber('mark', ({ mark }) => mark),
  '--mark': ofNumber('mark', ({ mark }) => mark),
  '-w': ofNumber('zone', ({ zone }) => zone),
  '--zone': ofNumber('zone', ({ zone }) => zone),
  '-u': status,
  '--status': status,
  '-f': family,
  '--family': family,
}

const originalPortSource = ofNumber('port', ({ original }) => original.sport)
const originalPortDestination = ofNumber('port', ({ original }) => original.dport)

/** Options that a protocol brings with it. */
const OF_PORTS: Readonly<Record<string, Filter>> = {
  '--sport': originalPortSource,
  '--orig-port-src': originalPortSource,
  '--dport': originalPortDestination,
  '--orig-port-dst': originalPortDestination,
  '--reply-port-src': ofNumber('port', ({ reply }) => reply.sport),
  '--reply-port-dst': ofNumber('port', ({ reply }) => reply.dport),
  '--state': state,
  '--icmp-type': ofNumber('type', ({ original }) => original.type),
  '--icmp-code': ofNumber('code', ({ original }) => original.code),
  '--icmp-id': ofNumber('id', ({ original }) => original.id),
}

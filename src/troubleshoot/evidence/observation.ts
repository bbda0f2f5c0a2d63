import { isLineFault, readRouteLine } from '../../linux/index.ts'
import { toldFailure } from '../said.ts'
import { targetOf } from './commands.ts'
import { ADDRESS, type Fact, form, NOTHING, type Observation, type Reader } from './fact.ts'
import { PROBES } from './probes.ts'
import { RESOURCES } from './resources.ts'
import type { PastedLine } from './sections.ts'
import { TABLES } from './tables.ts'

/** `10k` of iptables -v. */
function counted(text = '0'): number {
  const factor = { K: 1e3, M: 1e6, G: 1e9 }[text.slice(-1)] ?? 1
  return Number.parseInt(text, 10) * factor
}

const READERS: readonly Reader[] = [
  form(/table full, dropping packet/i, () => ({ kind: 'kernel', failure: 'F54' })),
  form(/neighbou?r(?:_table)?:? ?(?:arp_cache: )?(?:neighbou?r )?table overflow|neighbou?r table overflow/i, () => ({
    kind: 'kernel',
    failure: 'F58',
  })),
  form(/\[UFW (?:BLOCK|REJECT)\]|(?:FINAL|filter_\w+)_REJECT:/, () => ({ kind: 'kernel', failure: 'F51' })),
  form(/unallowed src IP/i, () => ({ kind: 'kernel', failure: 'F19' })),
  form(/martian source/i, () => ({ kind: 'kernel', failure: 'F48' })),
  form(/(?:RTNETLINK answers: )?(?:Network is unreachable|Network unreachable)/i, () => ({ kind: 'no-route' })),
  form(/RTNETLINK answers: Invalid argument/i, () => ({
    kind: 'route',
    type: 'blackhole',
    dst: '',
    dev: '',
    via: '',
    isAsked: true,
  })),
  form(/RTNETLINK answers: No route to host/i, () => ({ kind: 'no-route' })),
  form(/Device "(?<dev>[^"]+)" does not exist/, ({ dev = '' }) => ({ kind: 'no-link', dev })),
  form(/Host Prohibited|admin prohibited|administratively prohibited|Packet filtered/i, () => ({
    kind: 'icmp',
    says: 'prohibited',
  })),
  form(/Frag(?:mentation)? needed|need to frag|message too long/i, () => ({ kind: 'icmp', says: 'frag-needed' })),
  form(/Destination Host Unreachable|No route to host/i, () => ({ kind: 'icmp', says: 'unreachable' })),
  form(/^\d+ packets transmitted, (?<received>\d+)(?: packets)? received/, ({ received = '0' }, { command }) => ({
    kind: 'ping',
    to: targetOf(command),
    size: Number(/ -s ?(\d+)/.exec(command)?.[1] ?? 56),
    received: Number(received),
  })),
  form(
    /^\d+: (?<dev>[^:@\s]+)(?:@[^:]+)?: <(?<flags>[^>]*)> mtu (?<mtu>\d+)/,
    ({ dev = '', flags = '', mtu = '0' }) => ({
      kind: 'link',
      dev,
      isUp: flags.split(',').includes('UP'),
      mtu: Number(mtu),
    }),
  ),
  form(/^(?<dev>[a-z][\w.-]*)(?:@\S+)?\s+(?<state>UP|DOWN|UNKNOWN)\b/, ({ dev = '', state }) => ({
    kind: 'link',
    dev,
    isUp: state !== 'DOWN',
    mtu: 0,
  })),
  form(
    new RegExp(
      `^\\|?\\s*(?<peer>${ADDRESS})\\s*\\|[^|]*\\|\\s*(?<state>\\w+)\\s*\\|[^|]*\\|\\s*(?<info>[^|]*?)\\s*\\|?$`,
    ),
    ({ peer = '', state = '', info = '' }) => ({
      kind: 'session',
      peer,
      isUp: state === 'up' && /^Established/.test(info),
      info: info === '' ? state : info,
    }),
  ),
  form(/BGP not established with (?<peer>[0-9a-fA-F.:,]+)/, ({ peer = '' }) => ({
    kind: 'session',
    peer,
    isUp: false,
    info: 'not established',
  })),
  form(/No IPv4 peers found|BGP.*no peers/i, () => ({ kind: 'no-sessions' })),
  form(/bad (?:udp|tcp|ip)? ?cksum|\bincorrect\b.*cksum|cksum 0x[0-9a-f]+ \(incorrect/, () => ({
    kind: 'bad-checksum',
  })),
  form(/^0 packets captured/, (_, { command }) => ({ kind: 'no-frames', filter: command })),
  form(/^\d+ packets (?:captured|received by filter|dropped by kernel)/, () => NOTHING),
  form(/who-has (?<target>[0-9.]+)/, ({ target = '' }) => ({ kind: 'unanswered-arp', target })),
  form(
    new RegExp(
      `\\bIP6? (?<source>${ADDRESS}?)(?:\\.\\d+)? > (?<destination>${ADDRESS}?)(?:\\.(?<port>\\d+))?: (?<rest>.*)$`,
    ),
    ({ source = '', destination = '', port = '', rest = '' }, { text }) => ({
      kind: 'frame',
      outer:
        /^IP6? /.test(rest) || /ipip/.test(rest)
          ? 'ipip'
          : port === '4789' || /VXLAN/.test(rest)
            ? 'vxlan'
            : port === '51820'
              ? 'wireguard'
              : 'plain',
      source,
      destination,
      isIn: / In\s+IP/.test(text),
    }),
  ),
  form(
    /^Chain (?<chain>\S+) \(policy (?<policy>\w+)(?: (?<packets>\d+[KMG]?) packets)?/,
    ({ chain = '', policy, packets }) => ({
      kind: 'chain-policy',
      chain,
      drops: policy === 'DROP',
      packets: counted(packets),
    }),
  ),
  form(/^Chain \S+ \(\d+ references/, () => NOTHING),
  form(/^-P (?<chain>\S+) (?<policy>ACCEPT|DROP)/, ({ chain = '', policy }) => ({
    kind: 'chain-policy',
    chain,
    drops: policy === 'DROP',
    packets: 0,
  })),
  form(
    /^\s*(?<packets>\d+[KMG]?)\s+\d+[KMG]?\s+(?<target>[A-Za-z][\w-]*)\s+(?:\S+\s+)(?:--|-f|!f)\s/,
    ({ packets, target = '' }, { text }) => ({
      kind: 'rule',
      target,
      packets: counted(packets),
      text: text.trim(),
    }),
  ),
  form(/^(?:\[(?<packets>\d+):\d+\] )?-A \S+ .*-j (?<target>\S+)/, ({ packets, target = '' }, { text }) => ({
    kind: 'rule',
    target,
    packets: counted(packets),
    text: text.trim(),
  })),
  form(/^\s*pkts\s+bytes\s+target/, () => NOTHING),
  form(/^(?<name>[A-Z][A-Za-z0-9]+)\s+(?<value>\d+)\s+[\d.]+$/, ({ name = '', value }) => ({
    kind: 'counter',
    name,
    value: Number(value),
  })),
  form(/insert_failed=(?<value>\d+)/, ({ value }) => ({
    kind: 'counter',
    name: 'insert_failed',
    value: Number(value),
  })),
  form(/^(?<key>net[./]\S+)\s*=\s*(?<value>\S.*)$/, ({ key = '', value = '' }) => ({
    kind: 'sysctl',
    key,
    value: value.trim(),
  })),
  form(/(?<address>[0-9a-fA-F.:/]+) is (?<not>NOT )?in set (?<set>[\w-]+)/, ({ address = '', not, set = '' }) => ({
    kind: 'member',
    address,
    set,
    isIn: not === undefined,
  })),
  form(
    new RegExp(
      `^(?:(?<namespace>[a-z0-9-]+)\\s+)?(?<name>[a-z0-9][a-z0-9.-]+)\\s+(?<ready>\\d+)/(?<all>\\d+)\\s+(?<status>[A-Z][\\w:/.-]*)\\s+\\d+(?: \\([^)]*\\))?\\s+\\S+(?:\\s+(?<ip>${ADDRESS}|<none>)\\s+(?<node>\\S+))?`,
    ),
    ({ name = '', ready, all, status = '', ip = '', node = '' }) => ({
      kind: 'pod',
      name,
      isReady: ready === all,
      status,
      ip: ip === '<none>' ? '' : ip,
      node,
    }),
  ),
  form(/^(?<name>[a-z0-9][a-z0-9.-]+)\s+(?<ready>Ready|NotReady)\S*\s+\S+\s+\S+\s+v1\./, ({ name = '', ready }) => ({
    kind: 'node',
    name,
    isReady: ready === 'Ready',
  })),
  form(
    /^(?<name>[a-z0-9][a-z0-9.-]*)\s+\S+\/\d+\s+(?<nat>true|false)\s+\S+\s+\S+\s+(?<disabled>true|false)/,
    ({ name = '', nat, disabled }) => ({
      kind: 'pool',
      name,
      nat: nat === 'true',
      isDisabled: disabled === 'true',
    }),
  ),
  ...TABLES,
  ...RESOURCES,
  (text) => {
    const failure = /Failed|Warning|error/i.test(text) ? toldFailure(text) : undefined
    return failure === undefined ? undefined : { kind: 'event', failure }
  },
  ...PROBES,
  routeIn,
]

/** A line of `ip route`, or of `ip route get`. */
function routeIn(text: string, { command }: PastedLine): Fact | undefined {
  const isAsked = / route get /.test(` ${command} `) || /\buid \d+|^\S+ .*\bsrc \S+ uid/.test(text)
  if (
    !/^(?:unicast |blackhole |unreachable |prohibit |local |broadcast )?(?:default|[0-9a-fA-F.:]+(?:\/\d+)?)(?: |$)/.test(
      text,
    )
  )
    return undefined
  const route = readRouteLine(
    text
      .trim()
      .replace(/ uid \d+.*$/, '')
      .replace(/ cache.*$/, ''),
  )
  if (isLineFault(route)) return undefined
  const { type, dst, dev = '', via = '' } = route
  return { kind: 'route', type, dst, dev, via, isAsked }
}

/** Lines that say nothing by themselves: headings and rests. */
const HEADINGS =
  /^\s*(?:NAME|NAMESPACE|LAST SEEN|Calico process|IPv[46] BGP status|\+-|\| ?PEER|cache|PING |---|\d+ bytes from|rtt |round-trip|listening on|tcpdump:|link\/|inet6? |valid_lft|\.\.\.|#|Warning: (?:ip)?tables|From |```)/

function factOf(text: string, line: PastedLine, before: string): Fact | undefined {
  for (const read of READERS) {
    const fact = read(text, line, before)
    if (fact !== undefined) return fact
  }
  return undefined
}

/** What pasted lines say, and those nobody here reads. */
export function observed(lines: readonly PastedLine[]): {
  readonly facts: readonly Observation[]
  readonly unread: readonly PastedLine[]
} {
  const facts: Observation[] = []
  const unread: PastedLine[] = []
  for (const [i, line] of lines.entries()) {
    const before = lines[i - 1]?.text ?? ''
    // What was pasted into a list, or as code, stands further to the right than its tool prints it.
    const fact = factOf(line.text, line, before) ?? factOf(line.text.trim(), line, before)
    if (fact !== undefined) {
      if (fact.kind !== 'nothing') facts.push({ fact, line })
    } else if (!HEADINGS.test(line.text)) unread.push(line)
  }
  return { facts, unread }
}

import type { Chain, IptRule, Origin } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, type Prefix } from '../../wire/index.ts'
import { dport, jumpTo, only, PROTOCOLS, ruleOf, TO_LOCAL } from '../kube-proxy/rule.ts'
import { originOf } from '../origin.ts'
import { namespacedName } from '../resource.ts'
import type { RulesetPart } from '../ruleset-part.ts'
import { type HostPort, hostPortsIn, hostPortsOf, type MappedPod } from './host-ports.ts'
import { containerChain, NETWORK, sandboxId } from './names.ts'

const BY_PORTMAP: Origin = { component: 'cni', note: 'the portmap plugin' }

/** Mark of packets that the plugin masquerades. */
const MARK = 0x2000

/** Ports one rule can ask for. */
const PORTS_OF_A_RULE = 15

const SETMARK: Chain = {
  rules: [
    ruleOf(
      { comment: 'CNI portfwd masquerade mark' },
      { target: { kind: 'MARK', op: 'set-xmark', value: MARK, mask: MARK }, origin: BY_PORTMAP },
    ),
  ],
}

const MASQ: Chain = {
  rules: [
    ruleOf(
      { modules: [{ kind: 'mark', mark: MARK, mask: MARK }] },
      { target: { kind: 'MASQUERADE', range: {} }, origin: BY_PORTMAP },
    ),
  ],
}

const TO_DNAT = ruleOf({ modules: [TO_LOCAL] }, { target: jumpTo('CNI-HOSTPORT-DNAT'), origin: BY_PORTMAP })
const TO_MASQ = ruleOf(
  { comment: 'CNI portfwd requiring masquerade' },
  { target: jumpTo('CNI-HOSTPORT-MASQ'), origin: BY_PORTMAP },
)

/** A pod as the plugin was called for it. */
interface Mapped {
  readonly pod: MappedPod['pod']
  readonly address: Ip
  readonly id: string
  readonly chain: string
}

function mappedIn({ pod, addresses }: MappedPod, family: Family): Mapped[] {
  const address = addresses.find((ip) => familyOf(ip) === family)
  if (address === undefined || hostPortsOf(pod).length === 0) return []
  const id = sandboxId(pod.metadata.namespace ?? 'default', pod.metadata.name)
  return [{ pod, address, id, chain: containerChain(NETWORK, id) }]
}

/**
 * Rules of the portmap plugin on a node, for the pods that want ports of it, in order of creation. Its jumps come last, but for that of
 * POSTROUTING. Nothing where no pod does. @cni plugins/meta/portmap/portmap_iptables.go
 */
export function portmapTables(family: Family, pods: readonly MappedPod[]): RulesetPart {
  const mapped = pods.flatMap((pod) => mappedIn(pod, family))
  if (mapped.length === 0) return {}
  const own = new Map<string, () => Chain>([
    ['CNI-HOSTPORT-SETMARK', () => SETMARK],
    ['CNI-HOSTPORT-MASQ', () => MASQ],
    ['CNI-HOSTPORT-DNAT', () => ({ rules: mapped.flatMap(entryRules) })],
    ...mapped.map((one) => [one.chain, () => ({ rules: podRules(one, family) })] as const),
  ])
  return {
    nat: {
      first: { POSTROUTING: [TO_MASQ] },
      last: { PREROUTING: [TO_DNAT], OUTPUT: [TO_DNAT] },
      chains: own,
    },
  }
}

/** To the chain of a pod: its ports by protocol. */
function entryRules({ pod, id, chain }: Mapped): IptRule[] {
  const ports = hostPortsOf(pod)
  const comment = `dnat name: "${NETWORK}" id: "${id}"`
  const rest = { target: jumpTo(chain), origin: originOf('cni', pod, ['spec', 'containers']) }
  return (['sctp', 'tcp', 'udp'] as const).flatMap((protocol) => {
    const numbers = ports.filter((port) => port.protocol === protocol).map(({ hostPort }) => hostPort)
    return piecesOf(numbers).map((piece) => {
      const ranges = piece.map((port) => ({ low: port, high: port }))
      const modules = [{ kind: 'multiport', side: 'dports', ports: ranges } as const]
      return ruleOf({ protocol: PROTOCOLS[protocol], comment, modules }, rest)
    })
  })
}

function piecesOf(ports: readonly number[]): number[][] {
  const pieces: number[][] = []
  for (let at = 0; at < ports.length; at += PORTS_OF_A_RULE) pieces.push(ports.slice(at, at + PORTS_OF_A_RULE))
  return pieces
}

/** Each port of a pod: what it asks itself, and what the node asks under 127.0.0.1, must come back the same way. */
function podRules({ pod, address }: Mapped, family: Family): IptRule[] {
  return hostPortsIn(pod, family).flatMap((port) => {
    const origin = originOf('cni', pod, port.path)
    const mark = { target: jumpTo('CNI-HOSTPORT-SETMARK'), origin }
    const range = { minAddress: address, maxAddress: address, minPort: port.containerPort, maxPort: port.containerPort }
    const name = namespacedName(pod.metadata)
    const meaning = { kind: 'host-port', pod: name, port: port.hostPort } as const
    const sources = family === 4 ? [only(address), LOCALHOST] : [only(address)]
    return [
      ...sources.map((source) => ruleOf({ source, ...testsOf(port) }, mark)),
      ruleOf(testsOf(port), { target: { kind: 'DNAT', range }, origin, meaning }),
    ]
  })
}

const LOCALHOST = '127.0.0.1/32' as Prefix
const UNSPECIFIED: readonly Prefix[] = ['0.0.0.0/32', '::/128'] as readonly string[] as readonly Prefix[]

function testsOf({ protocol, hostPort, hostIp }: HostPort) {
  const isAny = hostIp === undefined || UNSPECIFIED.some((range) => contains(range, hostIp))
  return {
    ...(isAny ? {} : { destination: only(hostIp) }),
    protocol: PROTOCOLS[protocol],
    modules: [dport(protocol, hostPort)],
  }
}

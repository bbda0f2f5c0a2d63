import type { Chain, IptRule, Origin } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, type Prefix } from '../../wire/index.ts'
import { dport, jumpTo, only, PROTOCOLS, ruleOf, TO_LOCAL } from '../kube-proxy/rule.ts'
import { originOf } from '../origin.ts'
import { namespacedName } from '../resource.ts'
import type { RulesetPart } from '../ruleset-part.ts'
import type { PortmapConfig } from './config.ts'
import { type HostPort, hostPortsIn, hostPortsOf, type MappedPod } from './host-ports.ts'
import { containerChain, sandboxId } from './names.ts'

const BY_PORTMAP: Origin = { component: 'cni', note: 'the portmap plugin' }

/** Ports one rule can ask for. */
const PORTS_OF_A_RULE = 15

const SETMARK = 'CNI-HOSTPORT-SETMARK'

function setMarkChain(mark: number): Chain {
  const target = { kind: 'MARK', op: 'set-xmark', value: mark, mask: mark } as const
  return { rules: [ruleOf({ comment: 'CNI portfwd masquerade mark' }, { target, origin: BY_PORTMAP })] }
}

function masqueradeChain(mark: number): Chain {
  const target = { kind: 'MASQUERADE', range: {} } as const
  return { rules: [ruleOf({ modules: [{ kind: 'mark', mark, mask: mark }] }, { target, origin: BY_PORTMAP })] }
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

function mappedIn({ pod, addresses }: MappedPod, family: Family, network: string): Mapped[] {
  const address = addresses.find((ip) => familyOf(ip) === family)
  if (address === undefined || hostPortsOf(pod).length === 0) return []
  const id = sandboxId(pod.metadata.namespace ?? 'default', pod.metadata.name)
  return [{ pod, address, id, chain: containerChain(network, id) }]
}

/**
 * Rules of the portmap plugin on a node, for the pods that want ports of it, in order of creation. Its jumps come last, but for that of
 * POSTROUTING. Nothing where no pod does. @cni plugins/meta/portmap/portmap_iptables.go
 */
export function portmapTables(family: Family, pods: readonly MappedPod[], config: PortmapConfig): RulesetPart {
  const { network, snat, mark, setMarkChain: theirs } = config
  const mapped = pods.flatMap((pod) => mappedIn(pod, family, network))
  if (mapped.length === 0) return {}
  const masquerades = snat && theirs === undefined
  const marking: readonly (readonly [string, () => Chain])[] = [
    [SETMARK, () => setMarkChain(mark)],
    ['CNI-HOSTPORT-MASQ', () => masqueradeChain(mark)],
  ]
  const own = new Map<string, () => Chain>([
    ...(masquerades ? marking : []),
    ['CNI-HOSTPORT-DNAT', () => ({ rules: mapped.flatMap((one) => entryRules(one, network)) })],
    ...mapped.map((one) => [one.chain, () => ({ rules: podRules(one, family, config) })] as const),
  ])
  return {
    nat: {
      first: masquerades ? { POSTROUTING: [TO_MASQ] } : {},
      last: { PREROUTING: [TO_DNAT], OUTPUT: [TO_DNAT] },
      chains: own,
    },
  }
}

/** To the chain of a pod: its ports by protocol. */
function entryRules({ pod, id, chain }: Mapped, network: string): IptRule[] {
  const ports = hostPortsOf(pod)
  const comment = `dnat name: "${network}" id: "${id}"`
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
function podRules({ pod, address }: Mapped, family: Family, config: PortmapConfig): IptRule[] {
  return hostPortsIn(pod, family).flatMap((port) => {
    const origin = originOf('cni', pod, port.path)
    const mark = { target: jumpTo(config.setMarkChain ?? SETMARK), origin }
    const range = { minAddress: address, maxAddress: address, minPort: port.containerPort, maxPort: port.containerPort }
    const name = namespacedName(pod.metadata)
    const meaning = { kind: 'host-port', pod: name, port: port.hostPort } as const
    const sources = markedSources(address, family, config)
    return [
      ...sources.map((source) => ruleOf({ ...source, ...testsOf(port) }, mark)),
      ruleOf(testsOf(port), { target: { kind: 'DNAT', range }, origin, meaning }),
    ]
  })
}

/** Sources of what is masqueraded. */
function markedSources(
  address: Ip,
  family: Family,
  { snat, masqAll }: PortmapConfig,
): readonly { readonly source?: Prefix }[] {
  if (!snat) return []
  // A test for every address is none to iptables.
  if (masqAll) return [{}]
  return [{ source: only(address) }, ...(family === 4 ? [{ source: LOCALHOST }] : [])]
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

import { clusterIpsOf } from '../../control/index.ts'
import type { FailureCode } from '../../failures/index.ts'
import { fieldText, headersOfHop, lastMatch } from '../../trace/index.ts'
import { contains, familyOf, type Ip, overlaps, type Prefix, prefixOf } from '../../wire/index.ts'
import type { Guess, Shown } from '../shown.ts'
import { strangeAddress } from './node-address.ts'
import { targetOf } from './target.ts'

/** A filter, a source check or a missing route between the machines. */
export function underlaySigns(shown: Shown): readonly Guess[] {
  const { loss } = shown
  switch (loss.code) {
    case 'UNDERLAY_PROTO_FILTERED':
      return protocolFiltered(shown)
    case 'UNDERLAY_PORT_FILTERED':
    case 'UNDERLAY_PORT_CLAIMED':
      return portFiltered(shown)
    case 'UNDERLAY_ANTISPOOF':
      return spoofed(shown)
    default:
      return noWay(shown)
  }
}

const FILTER = 'A filter between the machines'

function protocolFiltered({ loss, lab, trace }: Shown): Guess[] {
  if (loss.detail === '4') {
    const names94 = (lab.cluster?.resources.underlays ?? []).some(({ spec }) =>
      [...(spec.segments ?? []), ...(spec.routers ?? [])].some(({ filters = [] }) =>
        filters.some(({ protocol, action }) => action === 'accept' && String(protocol) === '94'),
      ),
    )
    if (names94)
      return [
        { failure: 'F02', fits: 3, because: 'a rule there allows 94, and IPIP is 4' },
        { failure: 'F01', fits: 2 },
      ]
    return [
      { failure: 'F01', fits: 3 },
      { failure: 'F02', fits: 1 },
    ]
  }
  const isError = trace.hops.some((hop) => hop.kind === 'icmp-error' && hop.sent && hop.type === 3 && hop.code === 4)
  if (isError) return [{ failure: 'F17', fits: 3 }]
  return [{ title: FILTER, fits: 2 }]
}

const TUNNELS: Readonly<Record<string, FailureCode>> = { 'udp/51820': 'F18', 'udp/51821': 'F18', 'tcp/179': 'F34' }

function portFiltered({ loss, lab }: Shown): Guess[] {
  const known = TUNNELS[loss.detail]
  if (known !== undefined) return [{ failure: known, fits: 3 }]
  const ports = new Set((lab.cluster?.nodes ?? []).map(({ felix }) => `udp/${felix.vxlanPort}`))
  if (!ports.has(loss.detail) && loss.detail !== 'udp/4789' && loss.detail !== 'udp/8472')
    return [{ title: FILTER, fits: 2 }]
  const claimed: Guess = {
    failure: 'F04',
    fits: loss.code === 'UNDERLAY_PORT_CLAIMED' ? 3 : 2,
    because: 'the same is seen where the network keeps this port for an overlay of its own (NSX, vSphere)',
  }
  const blocked: Guess = { failure: 'F03', fits: loss.code === 'UNDERLAY_PORT_CLAIMED' ? 2 : 3 }
  return loss.code === 'UNDERLAY_PORT_CLAIMED' ? [claimed, blocked] : [blocked, claimed]
}

/** One port that allows its own address only, or a check for all: clouds have the second, private clouds the first. */
function spoofed({ lab, finding }: Shown): Guess[] {
  const dsr = (lab.cluster?.resources.felixConfigurations ?? []).some(
    ({ spec }) => spec?.['bpfExternalServiceMode'] === 'DSR',
  )
  const ofOneCard = finding.origin?.field?.includes('interfaces') === true
  const cloud: Guess = { failure: 'F06', fits: ofOneCard ? 2 : 3 }
  const ports: Guess = { failure: 'F07', fits: ofOneCard ? 3 : 2 }
  return [cloud, ports, ...(dsr ? [{ failure: 'F84', fits: 2 } as const] : [])]
}

/** Nobody out there knows the way: to a pod, or to an address that is none of a machine's. */
function noWay(shown: Shown): readonly Guess[] {
  const { finding, lab } = shown
  const service = toVirtual(shown)
  if (service !== undefined) return service
  if (finding.code === 'nat_missing') return notTranslated(shown)
  const target = targetOf(shown)
  const owner = shown.facts.ownerOf(target)
  if (owner?.role === 'pod' && (finding.role === 'router' || finding.code === 'loop'))
    return [{ failure: 'F08', fits: 3 }]
  if (owner?.role === 'pod') return [{ failure: 'F08', fits: 2 }]
  const pool = lab.cluster?.ipam.pools.find(
    ({ cidr, family }) => familyOf(target) === family && contains(cidr, target as Ip),
  )
  if (pool !== undefined && owner === undefined)
    return [
      { failure: 'F74', fits: 3, because: `${target} is in IPPool/${pool.name}: what goes there is not translated` },
      { failure: 'F25', fits: 2 },
    ]
  return [{ title: 'Nobody has the address, or the network has no route to it', fits: 2 }]
}

/** A tunnel to an address of a node that the network between leads nobody to. */
export function strangeNode({ trace, drop, lab, facts }: Shown): readonly Guess[] {
  const seen = lastMatch(trace.hops, (hop) => hop.packet === drop?.packet && (hop.kind === 'rx' || hop.kind === 'tx'))
  const headers = seen?.kind === 'rx' || seen?.kind === 'tx' ? headersOfHop(seen) : []
  const ips = headers.filter(({ protocol }) => protocol === 'ipv4' || protocol === 'ipv6')
  const outer = ips.length > 1 ? fieldText(ips[0]!, 'destination') : undefined
  const owner = outer === undefined ? undefined : facts.ownerOf(outer)
  return owner?.role === 'node' ? strangeAddress(lab, owner.netns) : []
}

const NO_RULE = { stage: 'host.dnat', code: 'SVC_NO_RULE' } as const

/** The address of a Service that nothing translated. */
export function toVirtual({ facts, trace, flow }: Shown): readonly Guess[] | undefined {
  const { cluster } = facts
  const asked = trace.hops.find((hop) => hop.kind === 'route')
  const destination = asked?.kind === 'route' ? asked.destination : ''
  if (cluster === null || !isVirtual(cluster.resources.services, destination)) return undefined
  if (flow.kind === 'ping')
    return [
      {
        failure: 'F83',
        fits: 3,
        loss: NO_RULE,
        because: 'rules of Services take TCP, UDP and SCTP ports only: nothing translates a ping',
      },
    ]
  return [
    {
      failure: 'F77',
      fits: 3,
      loss: NO_RULE,
      because: 'no rule of kube-proxy took it, so it went where the default route leads',
    },
  ]
}

function isVirtual(services: readonly Parameters<typeof clusterIpsOf>[0][], address: string): boolean {
  return services.some((service) => clusterIpsOf(service).some((ip) => ip === address))
}

/** Under its own address out of the cluster: natOutgoing is off, or a pool has the destination. */
function notTranslated({ facts, trace, finding }: Shown): Guess[] {
  const { cluster } = facts
  const route = trace.hops.find((hop) => hop.kind === 'route')
  const [source, destination] =
    route?.kind === 'route' ? [sourceOf(trace) ?? route.source, route.destination] : ['', '']
  if (cluster === null)
    return [
      { failure: 'F73', fits: 2 },
      { failure: 'F74', fits: 1 },
    ]
  const poolOf = (address: string) =>
    address === ''
      ? undefined
      : cluster.ipam.pools.find(({ cidr }) => sameFamily(cidr, address) && contains(cidr, address as Ip))
  const target = poolOf(destination)
  const own = poolOf(source)
  if (target !== undefined) {
    const networks = cluster.nodes.flatMap(({ ipv4, ipv6 }) =>
      [ipv4, ipv6].flatMap((cidr) => (cidr === undefined ? [] : [prefixOf(cidr.address, cidr.length)])),
    )
    const isOverNodes = networks.some(
      (net) => familyOf(net.split('/')[0]!) === target.family && overlaps(net, target.cidr),
    )
    return isOverNodes
      ? [
          { failure: 'F25', fits: 3 },
          { failure: 'F74', fits: 2 },
        ]
      : [
          { failure: 'F74', fits: 3 },
          { failure: 'F25', fits: 2 },
        ]
  }
  if (own !== undefined && !own.natOutgoing) return [{ failure: 'F73', fits: 3, wanted: true }]
  return [
    { failure: 'F73', fits: 2, because: finding.because ?? '' },
    { failure: 'F87', fits: 1 },
  ]
}

function sourceOf(trace: Shown['trace']): string | undefined {
  const routed = trace.hops.find((hop) => hop.kind === 'route' && hop.source !== '' && hop.source !== '0.0.0.0')
  return routed?.kind === 'route' ? routed.source : undefined
}

function sameFamily(prefix: Prefix, address: string): boolean {
  return familyOf(prefix.split('/')[0]!) === familyOf(address)
}

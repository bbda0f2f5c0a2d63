import { type Namespace, sysctlOf } from '../../model/index.ts'
import type { Guess, Shown } from '../shown.ts'
import { strangeAddress } from './node-address.ts'
import { usesGatewayRange } from './routes.ts'
import { targetOf } from './target.ts'

/** Neighbours, sizes, tunnels, checks of sources: what is decided at a device. */
export function linkSigns(shown: Shown): readonly Guess[] {
  const { loss, lab, finding, facts } = shown
  switch (loss.code) {
    case 'ARP_NO_PROXY':
    case 'ND_NO_PROXY':
      return gateway(shown)
    case 'MTU_EXCEEDED':
      return sizes(shown)
    case 'RPF_DROP':
      return reversePath(shown)
    case 'TUNNEL_PEER_UNKNOWN':
      return unknownPeer(shown)
    case 'VTEP_MAC_MISMATCH':
    case 'FDB_WRONG_HOST':
      return twins(lab)
        ? [
            { failure: 'F24', fits: 3 },
            { failure: 'F13', fits: 2 },
          ]
        : [
            { failure: 'F13', fits: 3 },
            { failure: 'F24', fits: 1 },
          ]
    case 'WG_ALLOWED_IPS':
      return facts.ownerOf(loss.detail)?.role === 'node'
        ? [
            { failure: 'F19', fits: 3 },
            { failure: 'F18', fits: 1 },
          ]
        : [
            { failure: 'F18', fits: 2 },
            { failure: 'F19', fits: 2 },
          ]
    case 'WG_NO_HANDSHAKE':
      return [{ failure: 'F18', fits: 3 }]
    case 'BAD_OUTER_CHECKSUM':
      return [{ failure: 'F05', fits: 3 }]
    case 'NEIGH_TABLE_FULL':
      return [{ failure: 'F58', fits: 3 }]
    case 'DELIVERED_TO_OTHER':
      return [
        { failure: 'F32', fits: 3 },
        { failure: 'F23', fits: 2 },
        { failure: 'F33', fits: 1 },
      ]
    default:
      return neighbour(lab.network.namespaces[finding.netns], shown)
  }
}

/** An outer source that is no node's: a set that lacks one, or a node whose address for Calico is on another card than it sends by. */
function unknownPeer({ lab, trace }: Shown): readonly Guess[] {
  const strange = trace.nodes.map(({ name }) => strangeAddress(lab, name)).find((all) => all.length > 0)
  return strange === undefined ? [{ failure: 'F11', fits: 3 }] : [...strange, { failure: 'F11', fits: 2 }]
}

/** Whether two machines have one hardware address. */
function twins({ network }: Shown['lab']): boolean {
  const macs = Object.values(network.namespaces).flatMap((ns) =>
    ns.role === 'node'
      ? Object.values(ns.interfaces).flatMap(({ kind, mac }) => (kind === 'vxlan' && mac !== undefined ? [mac] : []))
      : [],
  )
  return new Set(macs).size < macs.length
}

function gateway(shown: Shown): readonly Guess[] {
  const { lab, finding, facts, flow } = shown
  const node = facts.nodeOf(flow.from) ?? finding.netns
  if (usesGatewayRange(lab.network.namespaces[node]))
    return [
      { failure: 'F46', fits: 3 },
      { failure: 'F45', fits: 2 },
    ]
  return [
    { failure: 'F45', fits: 3 },
    { failure: 'F87', fits: 1 },
  ]
}

function sizes({ lab, finding, trace, drop }: Shown): readonly Guess[] {
  const told = trace.hops.filter((hop) => hop.kind === 'icmp-error' && hop.info > 0)
  const isLost = told.some((error) =>
    trace.hops.some((hop) => hop.kind === 'drop' && hop.cause === 'netfilter_drop' && hop.time >= error.time),
  )
  if (told.length > 0 && isLost)
    return [
      { failure: 'F17', fits: 3, because: 'the ICMP message that would tell the sender is dropped' },
      { failure: 'F15', fits: 2 },
      { failure: 'F16', fits: 1 },
    ]
  const differ = differing(lab)
  const onTheWay = new Set([...trace.nodes.map(({ name }) => name), finding.netns, drop?.netns ?? ''])
  if (differ.some(({ odd }) => odd.some((node) => onTheWay.has(node))))
    return [
      { failure: 'F16', fits: 3, because: differ.map(({ words }) => words).join('; ') },
      { failure: 'F15', fits: 2 },
      { failure: 'F17', fits: 1 },
    ]
  const silence = told.length > 0 ? '' : 'nothing tells the sender: whoever drops it sends no ICMP'
  return [
    { failure: 'F15', fits: 3, because: silence },
    { failure: 'F16', fits: differ.length > 0 ? 2 : 1 },
    { failure: 'F17', fits: 1 },
  ]
}

/** Devices of one kind whose MTU is another on some nodes, and not because objects say so. */
function differing({ network, cluster }: Shown['lab']): { readonly odd: readonly string[]; readonly words: string }[] {
  const nodes = Object.values(network.namespaces).filter(({ role }) => role === 'node')
  return JOINING.flatMap((kind) => {
    const all = nodes.flatMap((ns) =>
      Object.values(ns.interfaces).flatMap((dev) =>
        dev.kind === kind ? [{ node: ns.name, dev: dev.name, mtu: dev.mtu }] : [],
      ),
    )
    const usual = [...all].sort((a, b) => countOf(all, b.mtu) - countOf(all, a.mtu) || b.mtu - a.mtu)[0]?.mtu
    const meant = (node: string, dev: string): number | undefined =>
      cluster === null ? usual : cluster.network.namespaces[node]?.interfaces[dev]?.mtu
    const odd = all.filter(({ node, dev, mtu }) => mtu !== meant(node, dev))
    if (odd.length === 0) return []
    const words = odd.map(
      ({ node, dev, mtu }) => `${dev} of ${node} has an MTU of ${mtu}, not ${meant(node, dev) ?? usual}`,
    )
    return [{ odd: odd.map(({ node }) => node), words: words.join(', ') }]
  })
}

/** Kinds of interfaces that join machines. */
const JOINING = ['ethernet', 'ipip', 'vxlan', 'wireguard'] as const

function countOf(all: readonly { readonly mtu: number }[], mtu: number): number {
  return all.filter((one) => one.mtu === mtu).length
}

/** The way back leaves by another device: a check that is strict, or two ends that do not encapsulate alike. */
function reversePath({ loss, drop, lab }: Shown): readonly Guess[] {
  if (loss.stage.endsWith('host.raw'))
    return [
      { failure: 'F48', fits: 3 },
      { failure: 'F42', fits: 1 },
    ]
  const ns = drop === undefined ? undefined : lab.network.namespaces[drop.netns]
  const strict = isStrict(ns, drop?.dev ?? '')
  const asBuilt = isStrict(
    drop === undefined ? undefined : lab.cluster?.network.namespaces[drop.netns],
    drop?.dev ?? '',
  )
  return strict && !asBuilt
    ? [
        { failure: 'F48', fits: 3 },
        { failure: 'F10', fits: 2 },
      ]
    : [
        { failure: 'F10', fits: 3 },
        { failure: 'F48', fits: 3 },
      ]
}

function isStrict(ns: Namespace | undefined, dev: string): boolean {
  if (ns === undefined) return false
  return ['all', dev].some((one) => sysctlOf(ns, `net.ipv4.conf.${one.replaceAll('.', '/')}.rp_filter`) === '1')
}

/** Nobody answers for an address on a card, or behind a pod's cable. */
function neighbour(ns: Namespace | undefined, shown: Shown): readonly Guess[] {
  const { loss, facts, lab } = shown
  const limit = ns === undefined ? 0 : Number(sysctlOf(ns, 'net.ipv4.neigh.default.gc_thresh3') ?? 0)
  if (limit > 0 && limit < FEW_NEIGHBOURS) return [{ failure: 'F58', fits: 3, because: `gc_thresh3 is ${limit}` }]
  if (loss.stage.endsWith('remote.neigh'))
    return [
      { failure: 'F59', fits: 2 },
      { failure: 'F89', fits: 2 },
      { failure: 'F58', fits: 1 },
    ]
  const owner = facts.ownerOf(targetOf(shown)) ?? facts.ownerOf(loss.detail)
  const crossSubnet =
    lab.cluster?.ipam.pools.some(({ ipip, vxlan }) => ipip === 'CrossSubnet' || vxlan === 'CrossSubnet') === true
  if (owner !== undefined && crossSubnet)
    return [
      { failure: 'F09', fits: 3 },
      { failure: 'F21', fits: 2 },
      { failure: 'F58', fits: 1 },
    ]
  return [
    { failure: 'F21', fits: 2 },
    { failure: 'F35', fits: 2 },
    { failure: 'F58', fits: 1 },
    { failure: 'F09', fits: 1 },
  ]
}

/** Fewer neighbours than a node of any size has. */
const FEW_NEIGHBOURS = 64

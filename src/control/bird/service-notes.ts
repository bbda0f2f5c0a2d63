import type { NoteScope } from '../../model/index.ts'
import { familyOf, type Prefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { Settings } from '../settings/settings.ts'
import type { BgpPlan, RouterSpeaker } from './peerings.ts'
import type { ServiceAnnouncement, ServiceAnnouncements } from './service-announcements.ts'

function routed(netns: string, to: readonly Prefix[], family: 'inet' | 'inet6'): NoteScope {
  return { kind: 'routed', netns, family, to }
}

/**
 * Routers of which nobody says that they speak BGP have no route to what nodes announce of Services, where a BGPPeer names
 * somebody unknown: one of them could be it.
 */
function noteStrangers(
  { strangers, routers }: BgpPlan,
  all: readonly string[],
  { list }: ServiceAnnouncements,
  findings: Findings,
): void {
  const [peer] = strangers
  if (peer === undefined || list.length === 0) return
  const speaking = new Set(routers.map(({ name }) => name))
  for (const name of all.filter((one) => !speaking.has(one))) {
    for (const family of ['inet', 'inet6'] as const) {
      const to = list.map(({ dst }) => dst).filter((dst) => (familyOf(dst) === 6) === (family === 'inet6'))
      if (to.length === 0) continue
      const what = `${peer.spec.peerIP} is not modelled as a BGP speaker: it learns addresses of Services from nodes, and router ${name} may`
      findings.note('bgp_speaker', peer, ['spec', 'peerIP'], what, { scope: routed(name, to, family) })
    }
  }
}

/** Nodes with a session to a router of another AS, by what they hear in the mesh. */
function meshedPeers(
  { explicit, mesh }: BgpPlan,
  { name, asNumber }: RouterSpeaker,
  family: 4 | 6,
): readonly ClusterNode[] {
  const ends = explicit.filter((one) => one.family === family && (one.dialer === name || one.listener === name))
  const names = new Set(ends.flatMap(({ dialer, listener }) => [dialer, listener]))
  return mesh[family].filter((node) => names.has(node.name) && node.asNumber !== asNumber)
}

/** Nodes that pass on to a router what they learned in the mesh: by as many ASes as those that have it. */
function rivalsOf(
  { from }: ServiceAnnouncement,
  peers: readonly ClusterNode[],
  mesh: readonly ClusterNode[],
  silent: ReadonlySet<ClusterNode>,
): ClusterNode[] {
  const own = new Set(from)
  const numbers = new Set(mesh.filter((node) => own.has(node)).map(({ asNumber }) => asNumber))
  return peers.filter((node) => !own.has(node) && !silent.has(node) && numbers.has(node.asNumber))
}

/** A router that hears of an address from nodes without an endpoint, too, is taken to ask those that have one. */
function noteRivals(
  plan: BgpPlan,
  { list, silent }: ServiceAnnouncements,
  settings: Settings,
  findings: Findings,
): void {
  const { bgp } = settings
  if (bgp === undefined || plan.routers.length === 0) return
  for (const router of plan.routers) {
    const peers = { 4: meshedPeers(plan, router, 4), 6: meshedPeers(plan, router, 6) }
    for (const one of list) {
      const family = familyOf(one.dst)
      const rivals = rivalsOf(one, peers[family], plan.mesh[family], silent(one.dst))
      if (rivals.length === 0) continue
      const names = rivals.slice(0, 3).map(({ name }) => name)
      const who = names.join(', ') + (rivals.length > names.length ? ', …' : '')
      const what = `router ${router.name} is taken to send packets for ${one.dst} to the nodes that announce it; ${who} heard of it in the mesh and passes it on by a path of the same length`
      const scope = routed(router.name, [one.dst], family === 4 ? 'inet' : 'inet6')
      findings.note('bgp_assumed', bgp, ['spec', 'nodeToNodeMeshEnabled'], what, { scope })
    }
  }
}

const FIELDS = ['serviceClusterIPs', 'serviceExternalIPs', 'serviceLoadBalancerIPs'] as const

/** Addresses of Services are told to peers outside of the cluster: without one, nobody learns them, and the fields do nothing. */
function noteUnheard({ routers, strangers }: BgpPlan, { bgp }: Settings, findings: Findings): void {
  if (bgp === undefined || routers.length + strangers.length > 0) return
  for (const field of FIELDS.filter((one) => (bgp.spec[one] ?? []).length > 0)) {
    const what = `${field} are announced to BGP peers that are no nodes, and the input has none: what others learn is not modelled`
    const decides = 'what routers outside of the cluster learn'
    findings.note('bgp_field', bgp, ['spec', field], what, { effect: 'harmless', decides })
  }
}

/**
 * Names what is open where nodes announce addresses of Services.
 *
 * @param routers - names of all routers, the assumed ones too
 */
export function noteServiceRoutes(
  plan: BgpPlan,
  routers: readonly string[],
  services: ServiceAnnouncements,
  settings: Settings,
  findings: Findings,
): void {
  noteStrangers(plan, routers, services, findings)
  noteUnheard(plan, settings, findings)
  noteRivals(plan, services, settings, findings)
}

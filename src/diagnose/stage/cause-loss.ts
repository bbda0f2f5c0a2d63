import { type Finding, type FindingCode, STAGES, type Stage, type StagePlace } from '../../model/index.ts'
import type { Loss, LossCode } from './codes.ts'

interface Placed {
  readonly place: StagePlace
  readonly code: LossCode
  /** Codes of the packet's own end that say the same more exactly. */
  readonly or?: readonly LossCode[]
}

/**
 * Where a first cause is, when that is not where the packet ended: one whose route is missing on a node may be thrown away by a
 * router far off. Null: where the packet ended.
 */
const CAUSE_PLACES: Readonly<Record<FindingCode, Placed | null>> = {
  route_missing: { place: 'host.fib', code: 'NO_ROUTE', or: ['BLACKHOLE', 'RPF_DROP'] },
  route_down: { place: 'host.fib', code: 'DEV_DOWN' },
  route_elsewhere: { place: 'pod.route', code: 'NO_ROUTE' },
  route_into_pod: { place: 'host.fib', code: 'DELIVERED_TO_OTHER' },
  route_refuses: { place: 'host.fib', code: 'BLACKHOLE', or: ['NO_ROUTE', 'UNDERLAY_NO_ROUTE'] },
  address_unused: null,
  wrong_card: { place: 'host.fib', code: 'NO_ROUTE' },
  nat_missing: { place: 'underlay', code: 'UNDERLAY_NO_ROUTE', or: ['UNDERLAY_ANTISPOOF'] },
  source_unknown: null,
  rp_filter: null,
  gateway_unanswered: { place: 'pod.neigh', code: 'ARP_NO_PROXY', or: ['ND_NO_PROXY'] },
  neighbour_silent: null,
  neighbour_missing: null,
  forwarding_off: { place: 'host.fib', code: 'FORWARDING_DISABLED' },
  mtu_exceeded: { place: 'nic.tx', code: 'MTU_EXCEEDED' },
  mtu_differs: { place: 'nic.tx', code: 'MTU_EXCEEDED' },
  fdb_missing: null,
  vni_unknown: null,
  tunnel_missing: null,
  tunnel_without_remote: null,
  wireguard_peer_missing: null,
  wireguard_source_refused: null,
  rule_drops: null,
  policy_denies: null,
  policy_ends: null,
  profile_denies: null,
  felix_refuses: null,
  service_empty: { place: 'host.dnat', code: 'SVC_NO_ENDPOINTS', or: ['SVC_LOCAL_NO_ENDPOINT'] },
  service_source: null,
  port_elsewhere: null,
  filtered_on_the_way: null,
  link_down: { place: 'host.fib', code: 'DEV_DOWN' },
  carrier_missing: null,
  hop_limit: null,
  loop: null,
  nobody_listens: null,
  echo_ignored: null,
  no_answer: null,
  not_modelled: null,
  other: null,
}

/** Where the first cause of a loss is, and by what code. @param loss - where the packet ended */
export function causeLossOf(finding: Finding, loss: Loss): Loss {
  const placed = CAUSE_PLACES[finding.code]
  if (placed === null || placed.code === loss.code || placed.or?.some((one) => one === loss.code)) return loss
  // A device that is down is where its packets end.
  if (placed.code === 'DEV_DOWN' && loss.code === 'DEV_MISSING')
    return { ...loss, code: 'DEV_DOWN', detail: finding.dev }
  const { place, code } = whereItIs(placed, finding)
  if (code === loss.code) return loss
  const isReply = REPLIES.has(loss.stage)
  return { stage: isReply ? `reply.${place}` : place, code, detail: finding.dev }
}

const REPLIES: ReadonlySet<Stage> = new Set<Stage>(STAGES.map((place) => `reply.${place}` as const))

/** The same route is missing in a pod, on a node, or on a router. */
function whereItIs({ place, code }: Placed, { role }: Finding): Pick<Placed, 'place' | 'code'> {
  if (code !== 'NO_ROUTE') return { place, code }
  if (role === 'pod') return { place: 'pod.route', code }
  if (role === 'router' || role === 'external') return { place: 'underlay', code: 'UNDERLAY_NO_ROUTE' }
  return { place, code }
}

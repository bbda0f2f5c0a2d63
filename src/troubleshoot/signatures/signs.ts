import type { LossCode } from '../../diagnose/index.ts'
import type { Guess, Shown } from '../shown.ts'
import { linkSigns } from './links.ts'
import { foreignRoute, routeSigns } from './routes.ts'
import { ruleSigns } from './rules.ts'
import { strangeNode, underlaySigns } from './underlay.ts'

/** What a failing flow is a sign of, the best guess first: by what it was lost by, and what else is there. */
export function signsOf(shown: Shown): readonly Guess[] {
  return [...guesses(shown)].sort((a, b) => b.fits - a.fits)
}

function guesses(shown: Shown): readonly Guess[] {
  const { loss, finding } = shown
  if (shown.guesses !== undefined) return shown.guesses
  const itself = hairpin(shown)
  if (itself !== undefined) return itself
  const foreign = foreignRoute(shown)
  if (foreign !== undefined) return foreign
  if (finding.role === 'router' || finding.role === 'external') {
    const node = strangeNode(shown)
    if (node.length > 0) return node
  }
  if (BY_FINDING.has(finding.code)) return routeSigns(shown)
  return SIGNS[loss.code](shown)
}

/** A pod that a Service leads to itself. */
function hairpin({ decisions, lab, flow }: Shown): readonly Guess[] | undefined {
  const { addresses } = lab.endpoint(flow.from)
  const chosen = decisions().find((one) => one.kind === 'service')
  const backend = chosen?.kind === 'service' ? chosen.backends[chosen.chosen - 1]?.address : undefined
  if (backend === undefined || !addresses.includes(backend)) return undefined
  return [{ failure: 'F82', fits: 3, because: `${backend}, the endpoint chosen, is the one that asks` }]
}

/** First causes that are told by routes, however the packet ended. */
const BY_FINDING: ReadonlySet<string> = new Set(['wrong_card', 'route_missing', 'route_into_pod', 'route_down'])

const endOf = (shown: Shown): readonly Guess[] => [
  {
    title: shown.loss.code === 'PORT_CLOSED' ? 'Nothing listens on the port' : 'It is taken in, and not answered',
    fits: 1,
    wanted: true,
  },
]

const nobody = (title: string) => (): readonly Guess[] => [{ title, fits: 2 }]

/** Who tells what a loss is a sign of. */
const SIGNS: Readonly<Record<LossCode, (shown: Shown) => readonly Guess[]>> = {
  ARP_NO_PROXY: linkSigns,
  ND_NO_PROXY: linkSigns,
  NO_ROUTE: routeSigns,
  BLACKHOLE: routeSigns,
  DEV_DOWN: routeSigns,
  DEV_MISSING: routeSigns,
  FORWARDING_DISABLED: routeSigns,
  RPF_DROP: linkSigns,
  CT_FULL: ruleSigns,
  CT_INVALID: ruleSigns,
  CT_INSERT_RACE: ruleSigns,
  CT_STALE_DNAT: ruleSigns,
  POLICY_DENY: ruleSigns,
  WL_TO_HOST_DROP: ruleSigns,
  HEP_DENY: ruleSigns,
  WL_TUNNEL_FORBIDDEN: ruleSigns,
  NF_CHAIN_POLICY_DROP: ruleSigns,
  NF_DROP: ruleSigns,
  SVC_NO_ENDPOINTS: ruleSigns,
  SVC_LOCAL_NO_ENDPOINT: ruleSigns,
  SVC_NO_RULE: ruleSigns,
  WRONG_SOURCE: () => [{ failure: 'F78', fits: 2 }],
  MTU_EXCEEDED: linkSigns,
  TUNNEL_PEER_UNKNOWN: linkSigns,
  VTEP_MAC_MISMATCH: linkSigns,
  FDB_WRONG_HOST: linkSigns,
  WG_ALLOWED_IPS: linkSigns,
  WG_NO_HANDSHAKE: linkSigns,
  BAD_OUTER_CHECKSUM: linkSigns,
  UNDERLAY_PROTO_FILTERED: underlaySigns,
  UNDERLAY_PORT_FILTERED: underlaySigns,
  UNDERLAY_PORT_CLAIMED: underlaySigns,
  UNDERLAY_ANTISPOOF: underlaySigns,
  UNDERLAY_NO_ROUTE: underlaySigns,
  NEIGH_TABLE_FULL: linkSigns,
  NEIGH_FAILED: linkSigns,
  DELIVERED_TO_OTHER: linkSigns,
  LOOP: underlaySigns,
  TTL_EXPIRED: underlaySigns,
  IPAM_NO_POOL: () => [{ failure: 'F29', fits: 3 }],
  IPAM_EXHAUSTED: () => [{ failure: 'F30', fits: 3 }],
  IPAM_STRICT_AFFINITY: () => [{ failure: 'F31', fits: 3 }],
  CNI_UNAUTHORIZED: () => [{ failure: 'F90', fits: 3 }],
  PORT_CLOSED: endOf,
  UNANSWERED: endOf,
  MALFORMED: nobody('A damaged packet'),
  INSUFFICIENT_INFO: nobody('Not modelled: the answer is not known'),
}

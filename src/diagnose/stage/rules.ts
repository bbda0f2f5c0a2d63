import type { StagePlace } from '../../model/index.ts'
import type { Decision } from '../../trace/index.ts'
import type { LossCode, PlacedLoss } from './codes.ts'
import { type DropScene, lastRule } from './scene.ts'

/** A packet that rules of a machine dropped: those of policy, of Services, of Felix, or anybody's. */
export function ruleLoss(scene: DropScene, denial: Decision | undefined): PlacedLoss {
  const place = hookPlace(scene)
  return denial === undefined ? foreign(scene, place) : denied(denial, scene, place)
}

function hookPlace(scene: DropScene): StagePlace {
  const rule = lastRule(scene)
  const { isRemote, isDecapsulated, role } = scene
  if (role === 'pod') return 'pod.rx'
  switch (rule?.hook) {
    case 'PREROUTING':
      if (rule.table === 'raw') return isRemote ? 'nic.rx' : 'host.raw'
      return rule.table === 'nat' ? 'host.dnat' : 'host.prednat'
    case 'INPUT':
      return isRemote ? 'remote.input' : 'host.input'
    case 'POSTROUTING':
      return 'host.snat'
    case 'FORWARD':
      return isRemote || isDecapsulated ? 'remote.fwd' : 'host.fwd'
    case 'OUTPUT':
    case undefined:
      return 'host.fwd'
  }
}

function denied(denial: Decision, scene: DropScene, place: StagePlace): PlacedLoss {
  switch (denial.kind) {
    case 'policy':
    case 'tier-end':
    case 'profile':
    case 'no-profile': {
      const code: LossCode = denial.at.host ? 'HEP_DENY' : 'POLICY_DENY'
      return { place, code, detail: `${denial.direction} ${whoDenies(denial)}` }
    }
    case 'endpoint-to-host':
      return { place: 'host.input', code: 'WL_TO_HOST_DROP', detail: '' }
    case 'rpf':
      return { place: 'host.raw', code: 'RPF_DROP', detail: denial.dev }
    case 'encapsulated':
      return {
        place: 'host.fwd',
        code: 'WL_TUNNEL_FORBIDDEN',
        detail: denial.seen.destination.port > 0 ? `udp/${denial.seen.destination.port}` : '4',
      }
    case 'tunnel':
      return { place: 'remote.input', code: 'TUNNEL_PEER_UNKNOWN', detail: denial.seen.source.address }
    case 'invalid':
      return { place: 'host.ct', code: 'CT_INVALID', detail: '' }
    case 'unknown-interface':
      return { place, code: 'NF_DROP', detail: `filter/${lastRule(scene)?.chain ?? 'FORWARD'}` }
    case 'service-loop':
      return { place: 'host.dnat', code: 'SVC_NO_RULE', detail: denial.seen.destination.address }
    case 'no-backend': {
      const { namespace, name } = denial.service
      const code: LossCode = denial.local ? 'SVC_LOCAL_NO_ENDPOINT' : 'SVC_NO_ENDPOINTS'
      return { place: 'host.dnat', code, detail: `${namespace}/${name}` }
    }
    case 'source-range':
    case 'failsafe':
    case 'established':
    case 'service':
    case 'nat':
      return foreign(scene, place)
  }
}

type OfPolicy = Extract<Decision, { readonly kind: 'policy' | 'tier-end' | 'profile' | 'no-profile' }>

function whoDenies(denial: OfPolicy): string {
  switch (denial.kind) {
    case 'policy':
      return `${denial.policy.name}, rule ${denial.rule}`
    case 'tier-end':
      return `end of tier ${denial.tier}`
    case 'profile':
      return `profile ${denial.profile}`
    case 'no-profile':
      return 'no profile'
  }
}

/** Rules of nobody known: a chain's policy, a rule, or none of them, when the kernel has no room to track the connection. */
function foreign(scene: DropScene, place: StagePlace): PlacedLoss {
  const rule = lastRule(scene)
  if (rule === undefined || !REFUSING.has(rule.target)) return { place: 'host.ct', code: 'CT_FULL', detail: '' }
  const detail = `${rule.table}/${rule.chain}`
  return { place, code: rule.position === 0 ? 'NF_CHAIN_POLICY_DROP' : 'NF_DROP', detail }
}

/** What makes a rule, or a chain's policy, the end of a packet. */
const REFUSING: ReadonlySet<string> = new Set(['DROP', 'REJECT'])

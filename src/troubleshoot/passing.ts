import { factsOf, type Loss } from '../diagnose/index.ts'
import type { Lab } from '../lab/index.ts'
import { type Finding, once } from '../model/index.ts'
import { decisionsOf, type NatBy, type NatDecision } from '../trace/index.ts'
import { podsOf } from './flows.ts'
import { nodeOf, placeOfFlow } from './place.ts'
import type { Symptom } from './question.ts'
import { type Guess, type Shown, shownBy, type Tried, tryFlow } from './shown.ts'

/** What is odd about a flow that passes: nothing is lost, and yet it is not what somebody expects. */
export function passing(
  lab: Lab,
  tried: Tried,
  symptom: Symptom | undefined,
  before: Shown['before'],
): readonly Shown[] {
  if (!tried.ok || tried.flow.sort !== 'asked' || tried.flow.size !== undefined) return []
  if (symptom === 'wrong-source') return otherSource(lab, tried, before)
  return symptom === undefined ? exempt(lab, tried, before) : []
}

/** A node that asks a pod of its own, past policies that deny it to others. */
function exempt(lab: Lab, { flow }: Tried, before: Shown['before']): Shown[] {
  const asker = lab.endpoint(flow.from).netns ?? ''
  const pod = lab.endpoint(flow.to).netns ?? ''
  const node = nodeOf(lab, pod)
  if (lab.network.namespaces[asker]?.role !== 'node' || node !== asker || pod === asker) return []
  const other =
    podsOf(lab).find((one) => one.netns !== pod && one.node !== node) ?? podsOf(lab).find((one) => one.netns !== pod)
  if (other === undefined) return []
  const shown = shownBy(lab, tryFlow(lab, { ...flow, from: other.netns }), before)
  if (shown?.loss.code !== 'POLICY_DENY') return []
  const guess: Guess = {
    failure: 'F69',
    fits: 3,
    because: `policies deny it to ${other.netns}; what a node says to its own pods they are not asked about`,
    loss: { stage: 'nowhere', code: 'POLICY_DENY' },
  }
  return [{ ...shown, flow, guesses: [guess] }]
}

/** Whoever is asked sees another source than the one that asks. */
function otherSource(lab: Lab, { flow, run }: Tried, before: Shown['before']): Shown[] {
  const decisions = once(() => decisionsOf(run.trace))
  const translated = decisions().find((one) => one.kind === 'nat' && one.side === 'source')
  const seen = translated?.kind === 'nat' ? ofTranslation(translated) : ofTunnel(lab, flow)
  if (seen === undefined) return []
  const { guesses, netns, what, detail } = seen
  const loss: Loss = { stage: 'host.snat', code: 'WRONG_SOURCE', detail }
  const finding: Finding = { code: 'service_source', netns, role: 'node', dev: '', what, right: '', checks: [] }
  const facts = factsOf(lab.network, run.notes, lab.cluster, lab.dump?.dumped)
  return [
    { lab, flow, run, trace: run.trace, finding, loss, end: loss, facts, drop: undefined, decisions, before, guesses },
  ]
}

interface SeenSource {
  readonly guesses: readonly Guess[]
  readonly netns: string
  readonly what: string
  readonly detail: string
}

function ofTranslation({ netns, from, to, by }: NatDecision): SeenSource {
  const guesses = byWhom(by.kind === 'connection' ? by.of : by)
  return { guesses, netns, what: `${netns} translates the source ${from} to ${to}`, detail: `${from} → ${to}` }
}

function byWhom(by: NatBy | undefined): readonly Guess[] {
  switch (by?.kind) {
    case 'nat-outgoing':
      return [{ failure: 'F75', fits: 3, because: 'natOutgoing translates what leaves the pools, to nodes as well' }]
    case 'tunnel-source':
      return [{ failure: 'F68', fits: 3, because: 'what a node sends into a tunnel gets the tunnel’s address' }]
    case 'service-masquerade':
      switch (by.why) {
        case 'off-cluster':
          return [{ failure: 'F27', fits: 3, because: 'kube-proxy takes the client for a stranger to its clusterCIDR' }]
        case 'external':
          return [
            { failure: 'F66', fits: 3, because: 'externalTrafficPolicy is Cluster: the node takes the client’s place' },
            { failure: 'F75', fits: 1 },
          ]
        default:
          return [{ failure: 'F75', fits: 3, because: 'kube-proxy translates the source of what asks the Service' }]
      }
    default:
      return [{ failure: 'F75', fits: 2 }]
  }
}

/** A node whose source is the address of its tunnel, by the route it takes. */
function ofTunnel(lab: Lab, flow: Tried['flow']): SeenSource | undefined {
  const asker = lab.endpoint(flow.from)
  if (asker.netns === undefined || lab.network.namespaces[asker.netns]?.role !== 'node') return undefined
  const { node, tunnel, target } = placeOfFlow(lab, flow)
  const device = lab.network.namespaces[node]?.interfaces[tunnel]
  const [own] = device?.kind === 'ipip' || device?.kind === 'vxlan' ? device.addresses : []
  if (own === undefined) return undefined
  const because = `the route to ${target} leads by ${tunnel}, whose address ${own.local} is the source`
  return {
    guesses: [{ failure: 'F68', fits: 3, because }],
    netns: node,
    what: `${node} asks from ${own.local}, the address of ${tunnel}`,
    detail: own.local,
  }
}

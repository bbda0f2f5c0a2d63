import { type Contradiction, contradictions, type FindingName, type OtherResource } from '../control/index.ts'
import type { LossCode } from '../diagnose/index.ts'
import type { DriftCause } from '../dumps/index.ts'
import type { FailureCode } from '../failures/index.ts'
import type { Lab } from '../lab/index.ts'
import type { Confidence } from '../model/index.ts'
import type { Ranked } from './computed.ts'
import { deciderOf } from './deciders/deciders.ts'
import type { DecidedPlace } from './deciders/place.ts'
import type { Candidate, Likelihood } from './diagnosis.ts'
import { nodesAt } from './place.ts'
import { isStopped } from './signatures/routes.ts'
import { failureOf } from './weights.ts'

/** Failures that contradictions between objects stand for. */
const CONTRADICTS: Readonly<Partial<Record<FindingName, FailureCode>>> = {
  'pool-overlaps-services': 'F26',
  'pool-overlaps-nodes': 'F25',
  'pool-selects-no-node': 'F29',
  'node-without-pool': 'F29',
  'pool-has-too-few-blocks': 'F30',
  'pool-is-reserved': 'F30',
  'nodes-share-address': 'F23',
  'nodes-share-tunnel-address': 'F24',
  'nodes-share-mac': 'F24',
  'tunnel-address-of-pod': 'F32',
  'pods-share-address': 'F32',
  'pod-outside-pools': 'F91',
  'pod-asks-for-no-pool': 'F29',
  'pod-asks-outside-pools': 'F29',
  'block-outside-pools': 'F28',
  'block-of-two-nodes': 'F33',
  'as-number-mismatch': 'F38',
  'no-sessions': 'F36',
  'mesh-of-several-as-numbers': 'F38',
  'reflectors-drop-each-other': 'F37',
}

/** Failures that differences of a dump are likely signs of. */
const DRIFTS: Readonly<Partial<Record<DriftCause, FailureCode>>> = {
  bird_not_running: 'F41',
  no_bgp_session: 'F34',
  bgp_session_down: 'F34',
  felix_not_running: 'F87',
  not_programmed: 'F88',
  pod_not_wired: 'F59',
  other_encapsulation: 'F10',
  moved: 'F88',
  stale_route: 'F44',
  stale_endpoint: 'F88',
  stale_node: 'F35',
  stale_set: 'F11',
  stale_policy: 'F88',
  kube_proxy_not_running: 'F77',
  rules_flushed: 'F51',
  rules_edited: 'F51',
  foreign_route: 'F43',
  other_component: 'F43',
  mtu: 'F16',
  link_down: 'F12',
  sysctl_edited: 'F49',
}

/** What is said of a candidate that no packet showed. */
interface Saying {
  readonly failure: FailureCode
  readonly where: string
  readonly object: string
  readonly because: string
  readonly right: string
  readonly likelihood: Likelihood
  readonly confidence: Confidence
}

/** A candidate that no packet showed. */
export function toldCandidate({ failure, ...said }: Saying, place: DecidedPlace): Candidate {
  const known = failureOf(failure)
  const decide = deciderOf(failure, place)
  return {
    failure,
    title: known?.title ?? failure,
    stage: known?.stage ?? 'nowhere',
    code: (known?.drops[0] ?? 'INSUFFICIENT_INFO') as LossCode,
    detail: '',
    ...said,
    decide: decide ?? {
      at: '',
      command: 'kubectl get pods -A -o wide',
      shows: '',
      ifSo: said.because,
      ifNot: 'something else',
    },
    flows: [],
  }
}

/** What objects, differences of dumps, programs and events say by themselves, without a packet. */
export function saidCandidates(lab: Lab, place: DecidedPlace, isPending: boolean): Ranked[] {
  const all = [...ofObjects(lab, isPending), ...ofDrift(lab), ...ofPrograms(lab), ...ofEvents(lab)]
  return all.map((said) => ({
    candidate: toldCandidate(said, placeAt(lab, said.where, place)),
    score: SCORES[said.likelihood],
  }))
}

/** What is said of a node is looked at there, or from the other. */
function placeAt(lab: Lab, where: string, place: DecidedPlace): DecidedPlace {
  if (lab.cluster?.nodes.some(({ name }) => name === where) !== true) return place
  const other = place.node === where ? place.peer : place.node
  const family = place.target.includes(':') ? 6 : 4
  const { peer, peerAddress, card } = nodesAt(lab, other, where, family)
  return { ...place, node: where, nodeAddress: peerAddress, peer, peerAddress, card }
}

const SCORES: Readonly<Record<Likelihood, number>> = { certain: 1, likely: 0.6, possible: 0.3, unlikely: 0.1 }

const WEIGHT: Readonly<Record<Contradiction['severity'], Likelihood>> = {
  error: 'likely',
  warning: 'possible',
  info: 'unlikely',
}

function ofObjects({ cluster }: Lab, isPending: boolean): Saying[] {
  if (cluster === null) return []
  const values = Object.values(cluster.resources).flatMap((list: readonly OtherResource[]) => list)
  return contradictions(values).flatMap(({ name, severity, objects, message, remedy }) => {
    const failure = CONTRADICTS[name]
    if (failure === undefined) return []
    const isOfPending = failureOf(failure)?.looks.includes('pending') === true
    const likelihood = severity === 'error' || (isPending && isOfPending) ? WEIGHT.error : 'unlikely'
    const object = objects.join(', ')
    return [
      {
        failure,
        where: '',
        object,
        because: message,
        right: remedy,
        likelihood,
        confidence: { kind: 'objects', of: [object] },
      },
    ]
  })
}

function ofDrift(lab: Lab): Saying[] {
  return lab.drift.flatMap(({ node, cause, meaning, because, differences }) => {
    const failure = DRIFTS[cause]
    if (failure === undefined) return []
    const [first] = differences
    const found = first?.found?.origin
    const object = found?.file === undefined ? '' : `${found.file}${found.line === undefined ? '' : `:${found.line}`}`
    const confidence: Confidence = { kind: 'dump', of: [`the dump of ${node}`] }
    return [
      {
        failure,
        where: node,
        object,
        because: `${meaning}. ${because}`,
        right: '',
        likelihood: 'possible' as const,
        confidence,
      },
    ]
  })
}

/** Programs that do not run. */
function ofPrograms(lab: Lab): Saying[] {
  if (lab.objects === null || lab.cluster === null) return []
  const ground = (what: string): Confidence => ({ kind: 'dump', of: [`the state of ${what}`] })
  const all = lab.cluster.nodes.map(({ name }) => name).slice(0, FEW)
  const gone = all.filter((node) => AGENTS.every((agent) => isStopped(lab, agent, node)))
  const nodes = all.filter((node) => !gone.includes(node))
  const machines = gone.map(
    (node): Saying => ({
      failure: 'F35',
      where: node,
      object: `Node/${node}`,
      because: `no program of ${node} runs: its machine is gone or down`,
      right: `Start ${node}, or delete its Node`,
      likelihood: 'likely',
      confidence: ground(node),
    }),
  )
  const of = (agent: 'felix' | 'bird' | 'kube-proxy', failure: FailureCode): Saying[] =>
    nodes
      .filter((node) => isStopped(lab, agent, node))
      .map((node) => ({
        failure,
        where: node,
        object: '',
        because: `${agent} of ${node} does not run`,
        right: `Start ${agent} on ${node}`,
        likelihood: 'likely' as const,
        confidence: ground(`${agent} on ${node}`),
      }))
  const typha =
    lab.agentState('typha') === 'running'
      ? []
      : [
          {
            failure: 'F88' as const,
            where: '',
            object: 'Deployment/kube-system/calico-typha',
            because: 'Typha does not run, so Felix hears of no changes',
            right: 'Start Typha',
            likelihood: 'likely' as const,
            confidence: ground('Typha'),
          },
        ]
  return [
    ...machines,
    ...of('felix', 'F87'),
    ...(lab.cluster.settings.backend === 'bird' ? of('bird', 'F41') : []),
    ...of('kube-proxy', 'F77'),
    ...typha,
  ]
}

/** Programs that every node has. */
const AGENTS = ['felix', 'bird', 'kube-proxy'] as const

/** Nodes that are looked at, whatever the size of the cluster. */
const FEW = 64

/** What kubelet tells of pods without a network, by words of the CNI plugin and of IPAM. */
const TOLD: readonly (readonly [RegExp, FailureCode])[] = [
  [/unauthorized/i, 'F90'],
  [/strict ?affinity|no affine blocks|affinity/i, 'F31'],
  [/no configured calico pools|no pool|not enabled|does not exist/i, 'F29'],
  [/exhausted|no more free|autoassign|auto-assign|assign (an )?ip/i, 'F30'],
  [/subnet\.env|flannel|network plugin is not ready|cni config uninitialized/i, 'F91'],
]

/** The failure that an event or a log line of a pending pod names; undefined where none. */
export function toldFailure(message: string): FailureCode | undefined {
  return TOLD.find(([words]) => words.test(message))?.[1]
}

function ofEvents(lab: Lab): Saying[] {
  const isStrict = (lab.cluster?.resources.ipamConfigs ?? []).some(({ spec }) => spec.strictAffinity === true)
  return lab.told.flatMap(({ type, message, object: { kind, namespace, name } }) => {
    const told = type === 'Warning' ? toldFailure(message) : undefined
    const failure = told === 'F30' && isStrict ? 'F31' : told
    if (failure === undefined) return []
    const object = [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/')
    return [
      {
        failure,
        where: '',
        object,
        because: message,
        right: '',
        likelihood: 'certain' as const,
        confidence: { kind: 'dump' as const, of: ['kubectl get events'] },
      },
    ]
  })
}

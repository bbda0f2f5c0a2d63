import { type Cluster, endpointsIn, objectName, type PodResource, type Resources } from '../control/index.ts'
import {
  type ControllerProgram,
  type ControllersMemory,
  type ControllersTiming,
  NO_TIMING,
  type Reconciliation,
  reconciled,
  type SandboxRefused,
  USUAL_TIMING,
} from '../controllers/index.ts'
import { drawnDelay } from './delays.ts'
import type { Moment } from './following.ts'
import { type RunningState, stateOfAway } from './running-state.ts'
import { retryOf, type SandboxRefusals } from './sandboxes.ts'

/** Lists of objects that controllers act on or follow. */
const CONTROLLED: ReadonlySet<keyof Resources> = new Set([
  'nodes',
  'pods',
  'namespaces',
  'daemonSets',
  'deployments',
  'podSets',
  'controllerRevisions',
  'clusterInformations',
  'installations',
  'others',
])

/** Whether controllers have anything to do with an edit of these lists. */
export function concernsControllers(
  lists: readonly (keyof Resources)[],
  { ippools }: Pick<Resources, 'ippools'>,
): boolean {
  if (lists.some((list) => CONTROLLED.has(list))) return true
  // Who gives addresses to Services has nothing to do where no pool is for them.
  const isOfBalancers = lists.some(
    (list) => list === 'services' || list === 'ippools' || list === 'kubeControllersConfigurations',
  )
  return isOfBalancers && ippools.some(({ spec }) => spec.allowedUses?.includes('LoadBalancer') === true)
}

/** Programs that an event can stop; the operator's always runs. */
type Stoppable = Exclude<ControllerProgram, 'tigera-operator'>

const PROGRAMS: readonly Stoppable[] = ['api-server', 'kube-controller-manager', 'scheduler', 'calico-kube-controllers']

/** How long controllers and kubelets take. */
function timingOf({ seed }: Moment, isInstant: boolean): ControllersTiming {
  if (isInstant) return NO_TIMING
  const draw = { seed, event: 0, node: 'kubelet' }
  return { ...USUAL_TIMING, sandbox: drawnDelay('pod sandbox', draw), start: drawnDelay('containers start', draw) }
}

/** Which programs controllers are parts of do not run. */
function stoppedPrograms(state: RunningState): ReadonlySet<ControllerProgram> {
  return new Set(PROGRAMS.filter((program) => stateOfAway(state, program) !== 'running'))
}

/** Nodes whose kubelet is not heard of, and since when. */
function silentNodes({ away }: RunningState, { nodes }: Resources): ReadonlyMap<string, number> {
  const silent = new Map<string, number>()
  if (![...away.keys()].some((key) => key.startsWith('kubelet'))) return silent
  for (const { metadata } of nodes) {
    const { name } = metadata
    const kubelet = away.get(`kubelet ${name}`) ?? away.get('kubelet')
    if (kubelet !== undefined && kubelet.state !== 'running') silent.set(name, kubelet.since)
  }
  return silent
}

/** What controllers make of objects, with the addresses that a cluster gave their pods. */
export function controlled(
  state: RunningState,
  resources: Resources,
  cluster: Cluster,
  memory: ControllersMemory,
  refusals: SandboxRefusals,
  { isInstant, moment, epoch }: { readonly isInstant: boolean; readonly moment: Moment; readonly epoch: number },
): Reconciliation {
  const every = isInstant ? 0 : drawnDelay('sandbox retry', { seed: moment.seed, event: 0, node: 'kubelet' })
  const refusal = (pod: PodResource): SandboxRefused | undefined => {
    const one = refusals.get(objectName(pod))
    if (one === undefined) return undefined
    const retry = retryOf(one, every)
    return { message: one.message, ...(retry === undefined ? {} : { retry }) }
  }
  const endpoints = endpointsIn(cluster.workloadEndpoints)
  const addressesOf = ({ metadata: { namespace = 'default', name } }: PodResource): readonly string[] | undefined =>
    endpoints.at(`${namespace}/${name}`)?.addresses
  return reconciled(resources, {
    now: moment.now,
    epoch,
    seed: moment.seed,
    memory,
    timing: timingOf(moment, isInstant),
    stopped: stoppedPrograms(state),
    silent: silentNodes(state, resources),
    addressesOf,
    ...(refusals.size === 0 ? {} : { refusalOf: refusal }),
  })
}

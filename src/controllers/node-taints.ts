import type { NodeResource, Taint } from '../control/index.ts'
import { conditionOf } from './pod-state.ts'
import type { Work } from './work.ts'

function of(name: string, effect: string): Taint {
  return { key: `node.kubernetes.io/${name}`, effect }
}

/** Taints that the node lifecycle controller owns: it adds them and takes them away. */
const OWNED: ReadonlySet<string> = new Set(
  [
    ['not-ready', 'NoSchedule'],
    ['not-ready', 'NoExecute'],
    ['unreachable', 'NoSchedule'],
    ['unreachable', 'NoExecute'],
    ['network-unavailable', 'NoSchedule'],
    ['unschedulable', 'NoSchedule'],
  ].map(([name, effect]) => `node.kubernetes.io/${name} ${effect}`),
)

/** What tells taints of a node apart. */
export function taintKey({ key, effect }: Taint): string {
  return `${key} ${effect}`
}

/** Whether the node lifecycle controller adds such a taint, and takes it away. */
export function isOwnTaint(taint: Taint): boolean {
  return OWNED.has(taintKey(taint))
}

/** Taints that follow from how a node is. One that joins and has not said yet how it is, is not ready. */
export function taintsByState({ memory }: Work, node: NodeResource): readonly Taint[] {
  const unsaid = memory.nodes.has(node.metadata.name) ? 'True' : 'False'
  const ready = conditionOf(node, 'Ready')?.status ?? unsaid
  const lost = ready === 'False' ? 'not-ready' : ready === 'Unknown' ? 'unreachable' : undefined
  return [
    ...(lost === undefined ? [] : [of(lost, 'NoSchedule'), of(lost, 'NoExecute')]),
    ...(conditionOf(node, 'NetworkUnavailable')?.status === 'True' ? [of('network-unavailable', 'NoSchedule')] : []),
    ...(node.spec?.unschedulable === true ? [of('unschedulable', 'NoSchedule')] : []),
  ]
}

/** Taints of a node: those it has, and those it is about to get, so that nobody slips in before. */
export function taintsOf(work: Work, node: NodeResource): readonly Taint[] {
  const own = node.spec?.taints ?? []
  const more = taintsByState(work, node).filter(
    (one) => !own.some(({ key, effect }) => key === one.key && effect === one.effect),
  )
  return more.length === 0 ? own : [...own, ...more]
}

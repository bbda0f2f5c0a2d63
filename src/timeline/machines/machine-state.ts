import type { Condition, PodResource } from '../../control/index.ts'
import { partsAt } from '../follower-state.ts'
import { withoutSandboxes } from '../leaks.ts'
import { nodeAt, type RunningState, withNode } from '../running-state.ts'
import type { MachineDeed, TimedDeed } from './machine-deeds.ts'

/** A machine that is not simply on. */
export interface MachineState {
  /** `ending`: its programs have ended. `bare`: its kernel runs, and nobody has made anything for pods. */
  readonly phase: 'ending' | 'off' | 'bare'
  /** Since when, in nanoseconds. */
  readonly since: number
  /** Its kubelet asks for an API server before anything else becomes of it, and what that is. */
  readonly waits?: { readonly deeds: readonly TimedDeed[]; readonly event: number }
}

/** The state with a machine after a deed; programs are another matter. */
export function afterDeed(before: RunningState, node: string, deed: MachineDeed, now: number): RunningState {
  const machines = new Map(before.machines)
  switch (deed) {
    case 'programs end':
      return { ...before, machines: machines.set(node, { phase: 'ending', since: now }) }
    case 'off': {
      const bare = withNode(before, node, { ...nodeAt(before, node), parts: partsAt(null) })
      const leaks = withoutSandboxes(before.leaks, node)
      return { ...bare, leaks, machines: machines.set(node, { phase: 'off', since: now }) }
    }
    case 'kernel up':
      return { ...before, machines: machines.set(node, { phase: 'bare', since: now }) }
    case 'kubelet up':
      machines.delete(node)
      return { ...before, machines }
    case 'calico-node up':
      return before
  }
}

/** Pods of a node that has rebooted, as kubelet tells of them: their sandboxes are gone, and they wait for others. @kubernetes pkg/kubelet */
export function podsToMakeAnew({ newest }: RunningState, node: string): PodResource[] {
  return newest.resources.pods
    .filter(({ spec, metadata, status }) => {
      const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed'
      return spec.nodeName === node && spec.hostNetwork !== true && metadata.deletionTimestamp === undefined && !isOver
    })
    .map((pod) => ({
      ...pod,
      metadata: withoutAddress(pod.metadata),
      status: { phase: 'Pending', conditions: WAITING },
    }))
}

const WAITING: readonly Condition[] = [
  { type: 'PodReadyToStartContainers', status: 'False' },
  { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
]

const ADDRESS = /^cni\.projectcalico\.org\/(podIPs?|containerID)$/

function withoutAddress(metadata: PodResource['metadata']): PodResource['metadata'] {
  const { annotations } = metadata
  if (annotations === undefined) return metadata
  const kept = Object.entries(annotations).filter(([name]) => !ADDRESS.test(name))
  return { ...metadata, annotations: Object.fromEntries(kept) }
}

import type { DelayName } from '../delays.ts'
import type { Agent, AgentAction, MachineAction } from '../event.ts'

/** What becomes of a machine, one after the other. */
export type MachineDeed =
  /** init ends the programs: they are asked to. */
  | 'programs end'
  /** Nothing is left of it but its disk: no network, no pods, no connections that conntrack knew. */
  | 'off'
  /** Its kernel runs, and init has given its cards their addresses. */
  | 'kernel up'
  /** kubelet runs, makes sandboxes for its pods anew, each with another address, and starts kube-proxy. */
  | 'kubelet up'
  /** The containers of calico-node run: their disk is that of the machine, the rest they write again. */
  | 'calico-node up'

/** A deed and what it waits for after the one before. */
export interface TimedDeed {
  readonly after: DelayName | null
  readonly deed: MachineDeed
}

/** The pods of calico-node start. */
export const CALICO_NODE_UP: readonly TimedDeed[] = [{ after: 'calico-node start', deed: 'calico-node up' }]

const SHUTDOWN: readonly TimedDeed[] = [
  { after: null, deed: 'programs end' },
  { after: 'machine shutdown', deed: 'off' },
]

const START: readonly TimedDeed[] = [
  { after: 'machine boot', deed: 'kernel up' },
  { after: 'kubelet start', deed: 'kubelet up' },
  ...CALICO_NODE_UP,
]

/** How far a machine is: on; its programs end; off; off, and its firmware starts; its kernel runs and nothing else. */
export type MachineStage = 'on' | 'ending' | 'off' | 'booting' | 'bare'

/** What becomes of a machine, in order, instead of what was to become of it; undefined = what it was doing, it does. */
export function deedsOf(action: MachineAction, stage: MachineStage): readonly TimedDeed[] | undefined {
  const isUp = stage === 'on' || stage === 'bare'
  switch (action) {
    case 'shutdown':
      return isUp ? SHUTDOWN : undefined
    case 'crash':
      if (stage === 'off') return undefined
      return stage === 'booting' ? [] : [{ after: null, deed: 'off' }]
    case 'start':
      return stage === 'off' ? START : undefined
    case 'reboot':
      return isUp ? [...SHUTDOWN, ...START] : undefined
  }
}

/** What is done to the programs of a machine. BIRD is told to stop: its peers are told so, too. */
export const AGENTS_OF: Readonly<Record<MachineDeed, readonly (readonly [Agent, AgentAction])[]>> = {
  'programs end': (['kubelet', 'felix', 'confd', 'bird', 'kube-proxy'] as const).map((agent) => [agent, 'stop']),
  off: (['kubelet', 'felix', 'confd', 'bird', 'kube-proxy'] as const).map((agent) => [agent, 'kill']),
  'kernel up': [],
  'kubelet up': [
    ['kubelet', 'start'],
    ['kube-proxy', 'start'],
  ],
  'calico-node up': (['felix', 'confd', 'bird'] as const).map((agent) => [agent, 'start']),
}

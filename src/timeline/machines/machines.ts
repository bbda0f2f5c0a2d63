import type { Resources } from '../../control/index.ts'
import { withCniConfig } from '../../controllers/index.ts'
import { drawnDelay } from '../delays.ts'
import type { ClusterEvent } from '../event.ts'
import type { Ground } from '../ground.ts'
import { apiRefusal } from '../refusals.ts'
import type { RunningState } from '../running-state.ts'
import type { Step } from '../step.ts'
import { AGENTS_OF, deedsOf, type TimedDeed } from './machine-deeds.ts'
import { afterDeed, podsToMakeAnew } from './machine-state.ts'

/** The cluster that machines are of, as far as they act on it. */
export interface MachineGround extends Ground {
  /** Another state, of which nothing is to be seen. */
  readonly put: (state: RunningState) => void
  /** A node is followed by itself until what happens to it is written. */
  readonly visit: (node: string) => void
  /** Objects are stored that no user has asked for. */
  readonly apply: (objects: Partial<Resources>, event: number) => void
  readonly advance: (state: RunningState, event: number) => void
  readonly act: (event: ClusterEvent & { readonly kind: 'agent' }, number: number) => void
}

/** What becomes of machines, one deed after the other. */
export class Machines {
  private readonly ground: MachineGround

  constructor(ground: MachineGround) {
    this.ground = ground
  }

  /** Something is done to a machine. */
  run({ node, action }: ClusterEvent & { readonly kind: 'machine' }, event: number): void {
    const { queue, visit, state } = this.ground
    visit(node)
    const isItsOwn = (step: Step): boolean => step.kind === 'machine' && step.node === node
    const { phase = 'on' } = state().machines.get(node) ?? {}
    const deeds = deedsOf(action, phase === 'off' && queue.pending(isItsOwn).length > 0 ? 'booting' : phase)
    if (deeds === undefined) return
    queue.cancel(isItsOwn)
    this.later(node, deeds, event)
  }

  /** The next deed with a machine. */
  later(node: string, deeds: readonly TimedDeed[], event: number): void {
    const [first] = deeds
    if (first === undefined) return
    const { queue, isInstant, moment } = this.ground
    const { seed } = moment()
    const isNow = first.after === null || isInstant
    if (isNow) this.deed({ node, deeds, event })
    else queue.after(drawnDelay(first.after!, { seed, event, node }), { kind: 'machine', node, deeds, event })
  }

  /** A deed whose time has come. */
  deed({ node, deeds: [first, ...rest], event }: Pick<Step & { kind: 'machine' }, 'node' | 'deeds' | 'event'>): void {
    const { deed } = first!
    const { state, moment, put, log, apply, advance, act } = this.ground
    const { now } = moment()
    if (deed === 'kubelet up' && apiRefusal(state()) !== undefined) {
      // It knows of no pods without an API server, and asks again until there is one.
      const waits = { deeds: [{ after: 'kubelet start' as const, deed }, ...rest], event }
      const machines = new Map(state().machines).set(node, { phase: 'bare', since: now, waits })
      put({ ...state(), machines })
      return
    }
    log([{ at: now, event, actor: 'kernel', netns: node, op: 'replace', thing: 'machine', what: deed }])
    // An init container of calico-node puts the CNI configuration there again.
    if (deed === 'calico-node up' && state().memory.cniTaken.has(node)) {
      put({ ...state(), memory: withCniConfig(state().memory, state().newest.resources.pods, node, true) })
    }
    const pods = deed === 'kubelet up' ? podsToMakeAnew(state(), node) : []
    if (pods.length > 0) apply({ pods }, event)
    advance(afterDeed(state(), node, deed, now), event)
    for (const [agent, action] of AGENTS_OF[deed]) act({ kind: 'agent', agent, node, action }, event)
    this.later(node, rest, event)
  }

  /** Machines whose kubelets waited for an API server have one. */
  goOn(): void {
    const { state, put } = this.ground
    if (apiRefusal(state()) !== undefined) return
    for (const [node, { waits, ...machine }] of state().machines) {
      if (waits === undefined) continue
      put({ ...state(), machines: new Map(state().machines).set(node, machine) })
      this.later(node, waits.deeds, waits.event)
    }
  }
}

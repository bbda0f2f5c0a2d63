import type { Ip } from '../wire/index.ts'
import { collectedNow, type GivenBack, givenBack, nextCollection } from './garbage.ts'
import type { Ground } from './ground.ts'
import { nextTearDown, tornDownNow } from './leaks.ts'
import type { Stored, Storing } from './storing.ts'

/** The cluster whose addresses are given back, as far as that acts on it. */
export interface GivingGround extends Ground {
  readonly storing: (event: number) => Storing
  readonly store: (stored: Stored, event: number) => void
}

/** Who gives back to IPAM what nobody uses, each in its time: kube-controllers, kubelets by CNI DEL, and users by hand. */
export class GivingBack {
  private readonly ground: GivingGround

  constructor(ground: GivingGround) {
    this.ground = ground
  }

  /** What comes next is looked for anew. */
  lookAgain(event: number): void {
    this.collectLater()
    this.tearDownLater(event)
  }

  /** kube-controllers gives back what nobody uses when its time has come. */
  private collectLater(): void {
    const { queue, isInstant, state, moment } = this.ground
    const next = nextCollection(state(), moment(), isInstant)
    queue.cancel(({ kind }) => kind === 'garbage')
    if (next === undefined) return
    const { at, event } = next
    if (isInstant) this.collect(event)
    else queue.after(at - moment().now, { kind: 'garbage', event })
  }

  /** kube-controllers looks through IPAM. */
  collect(event: number): void {
    const { state, storing } = this.ground
    this.give(collectedNow(state(), storing(event)), event)
  }

  /** Kubelets that can take down what is left of pods that are gone do so. */
  private tearDownLater(event: number): void {
    const { queue, isInstant, state, moment } = this.ground
    const delay = state().leaks.length === 0 ? undefined : nextTearDown(state(), event, moment())
    if (delay === undefined) return
    if (isInstant) this.tearDown(event)
    else if (queue.pending(({ kind }) => kind === 'teardown').length === 0)
      queue.after(delay, { kind: 'teardown', event })
  }

  /** Kubelets have the CNI plugin take down what is left of pods that are gone. */
  tearDown(event: number): void {
    const { state, storing } = this.ground
    const { nodes, left } = tornDownNow(state())
    const collected = { addresses: [...nodes.keys()], blocks: [] }
    const by = (address: Ip) => ({ actor: 'cni' as const, netns: nodes.get(address)! })
    this.give(givenBack(left, collected, storing(event), by), event)
  }

  /** A user gives addresses back. */
  release(addresses: readonly Ip[], event: number): void {
    const { state, storing } = this.ground
    this.give(
      givenBack(state(), { addresses, blocks: [] }, storing(event), () => ({ actor: 'user' })),
      event,
    )
  }

  private give({ stored, entries }: GivenBack, event: number): void {
    const { log, store } = this.ground
    log(entries)
    store(stored, event)
  }
}

import type { WorkloadEndpoint } from '../cni.ts'
import type { Selector } from '../selector.ts'
import type { Entry } from './entries.ts'
import { type EntryList, mayConcern } from './entry-list.ts'
import type { HostEndpoint } from './host-endpoints.ts'
import type { WorkloadPolicies } from './model.ts'

/** Which policies select which endpoints, as far as somebody asked. */
export interface Choices {
  readonly pods: Selections<WorkloadEndpoint>
  readonly hosts: Selections<HostEndpoint>
  /** What was enforced for a pod when it was last asked. */
  readonly latest: WeakMap<WorkloadEndpoint, WorkloadPolicies>
}

/** What was found for an endpoint when it was last asked. */
interface Found {
  readonly list: EntryList
  readonly chosen: readonly Entry[]
}

/** So many sets of labels are remembered: each pod of a Job or a StatefulSet has one of its own, and they come and go for ever. */
const MOST_KIN = 10_000

/** Which policies select an endpoint. After an edit only those are tried that were not there when it was asked before. */
export class Selections<E extends object> {
  private readonly found = new WeakMap<E, Found>()
  private readonly selects: (selector: Selector, endpoint: E) => boolean
  private readonly kinOf: (endpoint: E) => string | undefined
  /** What was found for the first of those that have the same labels. */
  private readonly kin = new Map<string, Found>()

  /** @param kinOf - endpoints of the same kin have the same labels, their own and those they inherit; undefined: of no kin */
  constructor(
    selects: (selector: Selector, endpoint: E) => boolean,
    kinOf: (endpoint: E) => string | undefined = () => undefined,
  ) {
    this.selects = selects
    this.kinOf = kinOf
  }

  /** Those of a list that select an endpoint of a namespace, in order. */
  of(endpoint: E, namespace: string | undefined, list: EntryList): readonly Entry[] {
    const known = this.found.get(endpoint)
    if (known?.list === list) return known.chosen
    const chosen =
      known === undefined ? this.ofKin(endpoint, namespace, list) : this.again(endpoint, namespace, list, known)
    this.found.set(endpoint, { list, chosen })
    return chosen
  }

  /** A template's pods are alike to every selector: one of them is asked for all. */
  private ofKin(endpoint: E, namespace: string | undefined, list: EntryList): readonly Entry[] {
    const key = this.kinOf(endpoint)
    if (key === undefined) return this.all(endpoint, namespace, list)
    const known = this.kin.get(key)
    if (known?.list === list) return known.chosen
    const chosen = this.all(endpoint, namespace, list)
    if (this.kin.size >= MOST_KIN) this.kin.clear()
    this.kin.set(key, { list, chosen })
    return chosen
  }

  /** Whether one of these selects it. */
  any(endpoint: E, namespace: string | undefined, entries: readonly Entry[]): boolean {
    return entries.some((entry) => mayConcern(entry, namespace) && this.selects(entry.selector().parsed, endpoint))
  }

  private all(endpoint: E, namespace: string | undefined, list: EntryList): readonly Entry[] {
    return list.candidatesFor(namespace).filter((entry) => this.selects(entry.selector().parsed, endpoint))
  }

  private again(endpoint: E, namespace: string | undefined, list: EntryList, before: Found): readonly Entry[] {
    const left = before.chosen.filter((entry) => list.has(entry))
    const fresh = list.notIn(before.list).filter((entry) => this.any(endpoint, namespace, [entry]))
    return list.inOrder([...left, ...fresh])
  }
}

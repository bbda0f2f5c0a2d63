import { keptIn, pushTo } from '../model/index.ts'
import type { PodResource } from './kubernetes-kinds.ts'

/** What comes one after the other, in lists by a key. Each is looked at once, and no more of them than somebody asks for. */
class Lists<T> {
  private readonly lists = new Map<string, T[]>()
  private readonly rest: Iterator<T>
  private readonly keyOf: (one: T) => string | undefined

  constructor(all: Iterable<T>, keyOf: (one: T) => string | undefined) {
    this.rest = all[Symbol.iterator]()
    this.keyOf = keyOf
  }

  /** Those that have a key, in order. */
  *of(key: string): Iterable<T> {
    let next = 0
    do {
      const list = this.lists.get(key) ?? []
      while (next < list.length) yield list[next++]!
    } while (this.goOn(key))
  }

  /** All keys. */
  keys(): Iterable<string> {
    while (this.goOn(undefined));
    return this.lists.keys()
  }

  /** Looks on until one more has a key; false where none has. */
  private goOn(key: string | undefined): boolean {
    for (let next = this.rest.next(); next.done !== true; next = this.rest.next()) {
      const own = this.keyOf(next.value)
      if (own !== undefined) pushTo(this.lists, own, next.value)
      if (own === key) return true
    }
    return false
  }
}

/** Pods by namespace, and in a namespace by the values of labels. */
export interface PodGroups<T> {
  /** Namespaces that have pods. */
  namespaces(): Iterable<string>
  /** Pods of a namespace, in order. */
  ofNamespace(namespace: string): Iterable<T>
  /** Those of them that have a label of this value, in order. */
  withLabel(namespace: string, label: string, value: string): Iterable<T>
}

/** The same, found out as far as somebody asks. */
export class PodLists<T extends { readonly pod: PodResource }> implements PodGroups<T> {
  private readonly spaces: Lists<T>
  private readonly labels = new Map<string, Lists<T>>()

  constructor(pods: Iterable<T>) {
    this.spaces = new Lists(pods, ({ pod }) => pod.metadata.namespace ?? 'default')
  }

  namespaces(): Iterable<string> {
    return this.spaces.keys()
  }

  ofNamespace(namespace: string): Iterable<T> {
    return this.spaces.of(namespace)
  }

  withLabel(namespace: string, label: string, value: string): Iterable<T> {
    const byValue = (): Lists<T> =>
      new Lists(this.spaces.of(namespace), ({ pod: { metadata } }) =>
        metadata.labels !== undefined && Object.hasOwn(metadata.labels, label) ? metadata.labels[label] : undefined,
      )
    return keptIn(this.labels, `${namespace} ${label}`, byValue).of(value)
  }
}

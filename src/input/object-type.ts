import { ALL, type Kept } from './kept.ts'
import { isSameKey, type Key, keyOf } from './key-set.ts'

/** What is read of an object of a type. */
export type KeptOf = (apiVersion: string, kind: string) => Kept

/** What a list says of its items' type. */
export interface ListType {
  /** `apiVersion`. */
  readonly apiVersion?: unknown
  /** `kind`. */
  readonly kind?: unknown
}

const API_VERSION = keyOf('apiVersion')
const KIND = keyOf('kind')

/** Whether a key is one that tells the type of an object. */
export function tellsType(key: Key): boolean {
  return isSameKey(key, KIND) || isSameKey(key, API_VERSION)
}

/** The type of an object that is being read, as far as it is known: what is kept of the object hangs on it. */
export class ObjectType {
  /** What is kept of the object, as far as its type is known. */
  kept: Kept = ALL
  /** `apiVersion`. */
  apiVersion: unknown
  /** `kind`. */
  kind: unknown
  private readonly keptOf: KeptOf

  constructor(keptOf: KeptOf) {
    this.keptOf = keptOf
  }

  /** Begins anew, with what the list around says. */
  reset({ apiVersion, kind }: ListType = {}): void {
    this.apiVersion = apiVersion
    this.kind = typeof kind === 'string' ? kind.slice(0, -'List'.length) : kind
    this.kept = this.found()
  }

  /** Learns what a field says; false when something was left out that should not have been. */
  learn(key: Key, value: unknown): boolean {
    if (isSameKey(key, KIND)) this.kind = value
    else this.apiVersion = value
    const before = this.kept
    this.kept = this.found()
    return before === ALL || before === this.kept
  }

  private found(): Kept {
    const { apiVersion, kind } = this
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return ALL
    return apiVersion === '' || kind === '' ? ALL : this.keptOf(apiVersion, kind)
  }
}

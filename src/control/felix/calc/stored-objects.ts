import type { Raw } from './raw-fields.ts'
import { textAt } from './raw-fields.ts'

/** An object as a datastore holds it, not validated. */
export interface StoredObject {
  /** `apiVersion`. */
  readonly apiVersion: string
  /** `kind`. */
  readonly kind: string
  /** The whole object. */
  readonly value: Raw
}

/** Whose kind it is: both Kubernetes and Calico have Nodes and NetworkPolicies. */
export type Api = 'kubernetes' | 'calico'

/** Objects by kind, of each name the last one. */
export class StoredObjects {
  private readonly byKind = new Map<string, Map<string, Raw>>()

  constructor(objects: Iterable<StoredObject>) {
    for (const { apiVersion, kind, value } of objects) {
      const api: Api = apiVersion.includes('projectcalico.org') ? 'calico' : 'kubernetes'
      const list = this.byKind.get(`${api} ${kind}`) ?? new Map<string, Raw>()
      const name = textAt(value, 'metadata', 'name')
      list.set(name === '' ? `nameless ${list.size}` : `${textAt(value, 'metadata', 'namespace')}/${name}`, value)
      this.byKind.set(`${api} ${kind}`, list)
    }
  }

  /** Those of a kind. */
  of(kind: string, api: Api): readonly Raw[] {
    return [...(this.byKind.get(`${api} ${kind}`)?.values() ?? [])]
  }
}

import type { KnownResource, PlaceOf } from '../control/index.ts'
import type { InputDocument } from './document.ts'
import { isMap, type RawObject } from './objects.ts'

/** The ConfigMap and the key in which calico.yaml keeps what becomes such a file. */
const CONFIG_MAP = 'calico-config'
const KEY = 'cni_network_config'

/** Fields that may hold a credential: they are never kept. */
const CREDENTIAL = /token|password|secret|auth|_key$|_cert$/i

/** Whether a document is a network configuration of CNI (`/etc/cni/net.d/10-calico.conflist`), or one plugin of before lists. */
export function isConflist({ value }: InputDocument): boolean {
  if (!isMap(value) || 'kind' in value || 'apiVersion' in value || typeof value['name'] !== 'string') return false
  return (
    Array.isArray(value['plugins']) || (typeof value['cniVersion'] === 'string' && typeof value['type'] === 'string')
  )
}

/** The ConfigMap that a network configuration would have come from. */
export function conflistConfig({ value, file, placeOf }: InputDocument): RawObject {
  const given = isMap(value) ? value : {}
  const list = Array.isArray(given['plugins']) ? given : { name: given['name'], plugins: [given] }
  const data = { [KEY]: JSON.stringify(withoutCredentials(list)) }
  const metadata = { name: CONFIG_MAP, namespace: 'kube-system' }
  const ofText: PlaceOf = () => placeOf([])
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    value: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
    file,
    placeOf: ofText,
  }
}

function withoutCredentials(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCredentials)
  if (!isMap(value)) return value
  const kept = Object.entries(value).filter(([name]) => !CREDENTIAL.test(name))
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutCredentials(one)]))
}

/** Puts installed configurations in the place of the template that they were made of; without one they stand by themselves. */
export function withInstalled(known: readonly KnownResource[], installed: readonly KnownResource[]): KnownResource[] {
  const last = installed.filter(isCalicoConfig).at(-1)
  if (last === undefined) return [...known]
  const isThere = known.some(isCalicoConfig)
  const put = (one: KnownResource): KnownResource =>
    isCalicoConfig(one) ? { ...one, data: { ...one.data, ...last.data } } : one
  return isThere ? known.map(put) : [...known, last]
}

function isCalicoConfig(one: KnownResource): one is Extract<KnownResource, { kind: 'ConfigMap' }> {
  return one.kind === 'ConfigMap' && one.metadata.name === CONFIG_MAP
}

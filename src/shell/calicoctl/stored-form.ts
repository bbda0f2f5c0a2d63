import { defaulted } from '../../control/index.ts'
import { isRecord, type Plain } from '../../model/index.ts'
import type { AnyObject } from './seen.ts'

const V3 = 'projectcalico.org/v3'

/** Metadata that belongs to one cluster: `--export` leaves it out. */
const OF_CLUSTER: ReadonlySet<string> = new Set([
  ...['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'generation', 'selfLink', 'namespace'],
  ...['deletionGracePeriodSeconds', 'ownerReferences', 'managedFields'],
])

/** An object as `-o yaml` prints it: of v3, with its defaults; `creationTimestamp` is null where nobody knows it. */
export function storedForm(object: AnyObject, exported = false): { readonly [key: string]: Plain } {
  const { metadata, spec = {}, kind } = object
  const own = kind === 'IPAMConfig' ? 'IPAMConfiguration' : kind
  const filled = defaulted({ apiVersion: V3, kind: own, metadata: { ...metadata }, spec })
  const about = { creationTimestamp: null, ...(filled['metadata'] as object) }
  const kept = exported ? Object.fromEntries(Object.entries(about).filter(([key]) => !OF_CLUSTER.has(key))) : about
  const whole = { ...filled, metadata: exported ? { creationTimestamp: null, ...kept } : kept }
  return plain(whole) as { readonly [key: string]: Plain }
}

/** A value as JSON has it: what is not there is left out. */
export function plain(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plain)
  if (!isRecord(value)) return value as Plain
  const entries = Object.entries(value).filter(([, one]) => one !== undefined && typeof one !== 'function')
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]))
}

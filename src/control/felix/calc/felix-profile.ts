import type { Labels } from '../../policy/labels.ts'
import { accountProfile, namespaceProfile } from '../../policy/profiles.ts'
import { NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL } from '../../policy/selector-text.ts'
import { type Raw, textAt, textMapAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** A profile as Felix knows it. */
export interface FelixProfile {
  /** Name. */
  readonly name: string
  /** Labels that its endpoints inherit. */
  readonly labels: Labels
  /** The object where it is one: its rules may ask for sets. */
  readonly value?: Raw
}

function prefixed(labels: Labels, prefix: string, name: string): Labels {
  const all = Object.entries({ ...labels, 'projectcalico.org/name': name })
  return Object.fromEntries(all.map(([label, value]) => [`${prefix}${label}`, value]))
}

/** The profile of a namespace. @calico libcalico-go/lib/backend/k8s/conversion/conversion.go */
function ofNamespace(value: Raw): FelixProfile {
  const name = textAt(value, 'metadata', 'name')
  const labels = textMapAt(value, 'metadata', 'labels')
  return { name: namespaceProfile(name), labels: prefixed(labels, NAMESPACE_LABEL, name) }
}

function ofAccount(value: Raw): FelixProfile {
  const name = textAt(value, 'metadata', 'name')
  const labels = textMapAt(value, 'metadata', 'labels')
  const profile = accountProfile(textAt(value, 'metadata', 'namespace') || 'default', name)
  return { name: profile, labels: prefixed(labels, SERVICE_ACCOUNT_LABEL, name) }
}

/** The profiles of a datastore: those of namespaces and service accounts, and those that are objects. */
export function felixProfiles(objects: StoredObjects): ReadonlyMap<string, FelixProfile> {
  const profiles = [
    ...objects.of('Namespace', 'kubernetes').map(ofNamespace),
    ...objects.of('ServiceAccount', 'kubernetes').map(ofAccount),
    ...objects.of('Profile', 'calico').map((value) => ({
      name: textAt(value, 'metadata', 'name'),
      labels: textMapAt(value, 'spec', 'labelsToApply'),
      value,
    })),
  ]
  return new Map(profiles.map((profile) => [profile.name, profile]))
}

/** A label of something: its own, else that of the first of its profiles that has it. @calico felix/labelindex */
export function labelOf(
  name: string,
  { labels, profiles }: { readonly labels: Labels; readonly profiles: readonly string[] },
  known: ReadonlyMap<string, FelixProfile>,
): string | undefined {
  if (Object.hasOwn(labels, name)) return labels[name]
  for (const profile of profiles) {
    const inherited = known.get(profile)?.labels
    if (inherited !== undefined && Object.hasOwn(inherited, name)) return inherited[name]
  }
  return undefined
}

import type { Conversion } from '../../conversion/converted.ts'
import { type ConvertedProfile, profileOfAccount, profileOfNamespace } from '../../conversion/profiles.ts'
import type { Labels } from '../../policy/labels.ts'
import { metadataOf } from './kubernetes-endpoint.ts'
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

/** Objects of a datastore are there, whether or not they have an id. */
const WITHOUT_IDS = { derivedUids: false }

/** A profile that Calico makes of an object of Kubernetes: none of its rules asks for a set. */
function madeProfile({ object }: Conversion<ConvertedProfile>): FelixProfile[] {
  return object === undefined ? [] : [{ name: object.metadata.name, labels: object.spec.labelsToApply ?? {} }]
}

/** The profiles of a datastore: those of namespaces and service accounts, and those that are objects. */
export function felixProfiles(objects: StoredObjects): ReadonlyMap<string, FelixProfile> {
  const profiles = [
    ...objects
      .of('Namespace', 'kubernetes')
      .flatMap((value) => madeProfile(profileOfNamespace(metadataOf(value), WITHOUT_IDS))),
    ...objects
      .of('ServiceAccount', 'kubernetes')
      .flatMap((value) => madeProfile(profileOfAccount(metadataOf(value), WITHOUT_IDS))),
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

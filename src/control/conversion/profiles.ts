import type { VersionTraits } from '../calico-version.ts'
import type { ProfileResource } from '../policy/kinds.ts'
import { accountProfile, namespaceProfile } from '../policy/profiles.ts'
import { NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL } from '../policy/selector-text.ts'
import { type Conversion, type Converted, filled, type GivenMetadata, made, refused } from './converted.ts'
import { convertedUid } from './uid.ts'

/** The profile of a namespace or service account. */
export type ConvertedProfile = Converted<'Profile', NonNullable<ProfileResource['spec']>>

/** Label of a namespace's or service account's endpoints with its name. */
const NAME = 'projectcalico.org/name'

/** A namespace's profile: allows everything, and its endpoints inherit its labels. @calico libcalico-go/lib/backend/k8s/conversion */
export function profileOfNamespace(
  metadata: GivenMetadata,
  traits: Pick<VersionTraits, 'derivedUids'>,
): Conversion<ConvertedProfile> {
  const allow = [{ action: 'Allow' as const }]
  return profile(namespaceProfile(metadata.name), metadata, traits, NAMESPACE_LABEL, { ingress: allow, egress: allow })
}

/** A service account's profile: no rules, and its endpoints inherit its labels. */
export function profileOfAccount(
  metadata: GivenMetadata,
  traits: Pick<VersionTraits, 'derivedUids'>,
): Conversion<ConvertedProfile> {
  const name = accountProfile(metadata.namespace || 'default', metadata.name)
  return profile(name, metadata, traits, SERVICE_ACCOUNT_LABEL, {})
}

function profile(
  name: string,
  { uid = '', creationTimestamp, labels = {}, name: own }: GivenMetadata,
  { derivedUids }: Pick<VersionTraits, 'derivedUids'>,
  prefix: string,
  rules: Pick<ConvertedProfile['spec'], 'ingress' | 'egress'>,
): Conversion<ConvertedProfile> {
  const converted = derivedUids ? convertedUid(uid) : uid
  if (converted === undefined) return refused(uidRefusal(uid))
  const named = Object.entries({ ...labels, [NAME]: own }).map(([label, value]) => [prefix + label, value])
  return {
    object: made(
      'Profile',
      { name, ...filled({ creationTimestamp, uid: converted }) },
      {
        ...rules,
        labelsToApply: Object.fromEntries(named),
      },
    ),
    errors: [],
  }
}

/** Why a UID is none, in the words Calico says it. */
export function uidRefusal(uid: string): string {
  const fault = [32, 36, 38, 45].includes(uid.length) ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`
  return `failed to parse UID for resource: ${fault}`
}

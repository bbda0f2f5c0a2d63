import * as v from 'valibot'
import {
  type AdminPolicyKind,
  type CalicoVersion,
  type Conversion,
  type ConvertedEndpoint,
  type ConvertedGlobalPolicy,
  type ConvertedPolicy,
  type ConvertedProfile,
  convertedAdminPolicy,
  convertedPolicy,
  endpointOfPod,
  type LabelSelector,
  namespaceSelectorText,
  podSelectorText,
  profileOfAccount,
  profileOfNamespace,
  traitsOf,
} from '../../control/index.ts'
import { type CalicoAnswer, faultText, type RequestBase, type Verb, verb } from '../verb.ts'
import { adminSpec, labelSelector, metadata, pod, policySpec } from './convert-shapes.ts'

/** What does Calico's Kubernetes backend make of an object? */
export interface ConvertObjectRequest extends RequestBase<'convert'> {
  /** A NetworkPolicy, Pod, Namespace or ServiceAccount of Kubernetes, or an administrator's policy that the release reads. */
  readonly object: object
}

/** How does Calico write a label selector of Kubernetes? */
export interface ConvertSelectorRequest extends RequestBase<'convert'> {
  /** The label selector; absent: none. */
  readonly labelSelector?: LabelSelector
  /** What it is over. */
  readonly of: 'pod' | 'namespace'
}

/** One of the two questions of the verb `convert`. */
export type ConvertRequest = ConvertObjectRequest | ConvertSelectorRequest

/** An object of Calico that stands for one of Kubernetes. */
export type ConvertedObject = ConvertedPolicy | ConvertedGlobalPolicy | ConvertedEndpoint | ConvertedProfile

/** What became of an object. */
export interface ConvertObjectResult {
  /** Calico's object; null: there is none. */
  readonly object: ConvertedObject | null
  /** What could not be converted: all of it, or rules that were left out or made safe. */
  readonly errors: readonly string[]
}

/** What became of a label selector. */
export interface ConvertSelectorResult {
  /** Calico's selector, as the conversion writes it; '' for none. */
  readonly selector: string
}

const KINDS = [
  'NetworkPolicy',
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'Pod',
  'Namespace',
  'ServiceAccount',
] as const

const typed = v.looseObject(
  { apiVersion: v.optional(v.string('text'), ''), kind: v.picklist(KINDS, KINDS.join(', ')), metadata },
  'an object of Kubernetes',
)
type Typed = v.InferOutput<typeof typed>

/** The verb `convert`. */
export const convert: Verb = (fields, asked) =>
  v.is(v.looseObject({ object: v.unknown() }), fields) ? object(fields, asked) : selector(fields, asked)

const object = verb<ConvertObjectRequest, ConvertObjectResult>(
  v.strictObject({ object: typed }),
  (request, { version }) => converted(request.object as Typed, version),
)

const selector = verb<ConvertSelectorRequest, ConvertSelectorResult>(
  v.strictObject({
    labelSelector: v.exactOptional(labelSelector),
    of: v.picklist(['pod', 'namespace'], 'pod or namespace'),
  }),
  ({ labelSelector: given, of }) => ({
    result: { selector: of === 'pod' ? podSelectorText(given) : namespaceSelectorText(given) },
  }),
)

function converted(given: Typed, version: CalicoVersion): CalicoAnswer<ConvertObjectResult> {
  const traits = traitsOf(version)
  const { kind, metadata: meta } = given
  switch (kind) {
    case 'NetworkPolicy':
      if (given.apiVersion.includes('projectcalico.org'))
        return { error: 'object.apiVersion: expected networking.k8s.io/v1' }
      return read(spec(policySpec), given, ({ spec = {} }) => convertedPolicy(meta, spec, traits))
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
    case 'ClusterNetworkPolicy':
      if (!traits.adminPolicies.includes(kind))
        return { unsupported: `${kind}, which Calico ${version.text} does not read` }
      return read(spec(adminSpec), given, ({ spec = {} }) => adminAnswer(kind, given, spec, traits))
    case 'Pod':
      return read(pod, given, (one) => endpointOfPod(one, traits))
    case 'Namespace':
      return answered(profileOfNamespace(meta, traits))
    case 'ServiceAccount':
      return answered(profileOfAccount(meta, traits))
  }
}

function adminAnswer(
  kind: AdminPolicyKind,
  { apiVersion, metadata: meta }: Typed,
  spec: v.InferOutput<typeof adminSpec>,
  traits: ReturnType<typeof traitsOf>,
): Conversion<ConvertedGlobalPolicy> {
  return convertedAdminPolicy({ apiVersion, kind, metadata: meta, spec }, traits)
}

function spec<Read>(shape: v.GenericSchema<unknown, Read>): v.GenericSchema<unknown, { spec?: Read }> {
  return v.looseObject({ spec: v.exactOptional(shape) }, 'an object of Kubernetes')
}

/** Reads an object and converts it; one that is not of its kind's shape is a fault of the request. */
function read<Read>(
  shape: v.GenericSchema<unknown, Read>,
  given: Typed,
  convertOne: (one: Read) => Conversion<ConvertedObject>,
): CalicoAnswer<ConvertObjectResult> {
  const found = v.safeParse(v.object({ object: shape }), { object: given })
  return found.success ? answered(convertOne(found.output.object)) : { error: found.issues.map(faultText).join('; ') }
}

function answered({ object: found, errors }: Conversion<ConvertedObject>): CalicoAnswer<ConvertObjectResult> {
  return { result: { object: found ?? null, errors } }
}

import * as v from 'valibot'
import type {
  AdminPolicyResource,
  ConvertedPod,
  GivenMetadata,
  KubernetesPolicySpec,
  LabelSelector,
} from '../../control/index.ts'

/**
 * Objects as Kubernetes' types take them from JSON: of the right sorts, and not judged beyond that. What conversions do not
 * read may be anything.
 */
type Shape<Read> = v.GenericSchema<unknown, Read>

const map = 'a map'
const text = v.string('text')
const number = v.pipe(v.number('a number'), v.integer('a whole number'))
const texts = v.record(v.string(), text, map)

function maybe<Read>(shape: Shape<Read>): v.ExactOptionalSchema<Shape<Read>, undefined> {
  return v.exactOptional(shape)
}

function listOf<Read>(shape: Shape<Read>): Shape<Read[]> {
  return v.array(shape, 'a list')
}

/** Metadata of any object. */
export const metadata: Shape<GivenMetadata> = v.looseObject(
  {
    name: v.optional(text, ''),
    namespace: maybe(text),
    generateName: maybe(text),
    creationTimestamp: maybe(text),
    deletionTimestamp: maybe(text),
    uid: maybe(text),
    resourceVersion: maybe(text),
    labels: maybe(texts),
    annotations: maybe(texts),
  },
  map,
)

/** Operators that Kubernetes does not know are left to the conversion, which passes over them. */
const operator = v.custom<'In' | 'NotIn' | 'Exists' | 'DoesNotExist'>((word) => typeof word === 'string', 'text')

/** A label selector. */
export const labelSelector: Shape<LabelSelector> = v.looseObject(
  {
    matchLabels: maybe(texts),
    matchExpressions: maybe(
      listOf(v.looseObject({ key: v.optional(text, ''), operator, values: maybe(listOf(text)) }, map)),
    ),
  },
  map,
)

const peer = v.looseObject(
  {
    podSelector: maybe(labelSelector),
    namespaceSelector: maybe(labelSelector),
    ipBlock: maybe(v.looseObject({ cidr: v.optional(text, ''), except: maybe(listOf(text)) }, map)),
  },
  map,
)
const port = v.looseObject(
  {
    protocol: maybe(text),
    port: maybe(v.union([number, text], 'a number or a name')),
    endPort: maybe(number),
  },
  map,
)

/** `spec` of a NetworkPolicy of Kubernetes. */
export const policySpec: Shape<KubernetesPolicySpec> = v.looseObject(
  {
    podSelector: maybe(labelSelector),
    policyTypes: maybe(listOf(text)),
    ingress: maybe(listOf(v.looseObject({ from: maybe(listOf(peer)), ports: maybe(listOf(port)) }, map))),
    egress: maybe(listOf(v.looseObject({ to: maybe(listOf(peer)), ports: maybe(listOf(port)) }, map))),
  },
  map,
)

const subject = {
  namespaces: maybe(labelSelector),
  pods: maybe(v.looseObject({ namespaceSelector: maybe(labelSelector), podSelector: maybe(labelSelector) }, map)),
}
const adminPeer = v.looseObject({ ...subject, networks: maybe(listOf(text)) }, map)
const range = { start: maybe(number), end: maybe(number) }
const clusterPorts = v.looseObject(
  {
    destinationPort: maybe(v.looseObject({ number: maybe(number), range: maybe(v.looseObject(range, map)) }, map)),
  },
  map,
)
const adminRule = v.looseObject(
  {
    action: v.optional(text, ''),
    name: maybe(text),
    from: maybe(listOf(adminPeer)),
    to: maybe(listOf(adminPeer)),
    ports: maybe(
      listOf(
        v.looseObject(
          {
            portNumber: maybe(v.looseObject({ protocol: maybe(text), port: maybe(number) }, map)),
            portRange: maybe(v.looseObject({ protocol: maybe(text), ...range }, map)),
            namedPort: maybe(text),
          },
          map,
        ),
      ),
    ),
    protocols: maybe(
      listOf(
        v.looseObject(
          {
            tcp: maybe(clusterPorts),
            udp: maybe(clusterPorts),
            sctp: maybe(clusterPorts),
            destinationNamedPort: maybe(text),
          },
          map,
        ),
      ),
    ),
  },
  map,
)

/** `spec` of an administrator's policy. */
export const adminSpec: Shape<AdminPolicyResource['spec']> = v.looseObject(
  {
    tier: maybe(text),
    priority: maybe(number),
    subject: maybe(v.looseObject(subject, map)),
    ingress: maybe(listOf(adminRule)),
    egress: maybe(listOf(adminRule)),
  },
  map,
)

const container = v.looseObject(
  {
    ports: maybe(
      listOf(
        v.looseObject(
          {
            name: maybe(text),
            containerPort: maybe(number),
            protocol: maybe(text),
            hostPort: maybe(number),
            hostIP: maybe(text),
          },
          map,
        ),
      ),
    ),
  },
  map,
)

/** A pod. */
export const pod: Shape<ConvertedPod> = v.looseObject(
  {
    metadata,
    spec: maybe(
      v.looseObject(
        {
          nodeName: maybe(text),
          hostNetwork: maybe(v.boolean('true or false')),
          serviceAccountName: maybe(text),
          containers: maybe(listOf(container)),
          initContainers: maybe(listOf(container)),
        },
        map,
      ),
    ),
    status: maybe(
      v.looseObject(
        {
          phase: maybe(text),
          podIP: maybe(text),
          podIPs: maybe(listOf(v.looseObject({ ip: maybe(text) }, map))),
        },
        map,
      ),
    ),
  },
  map,
)

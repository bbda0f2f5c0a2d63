import * as v from 'valibot'
import { explainCidr, parseCidr } from '../../wire/index.ts'
import { flag, oneOf, type Shape, text, textMap, whole } from './fields.ts'
import { labelSelector } from './label-selector.ts'

const map = 'a map'
const list = 'a list'

function maybe(entries: Readonly<Record<string, Shape>>): Shape {
  return v.nullish(
    v.object(Object.fromEntries(Object.entries(entries).map(([key, one]) => [key, v.nullish(one)])), map),
  )
}

function listOf(shape: Shape): Shape {
  return v.nullish(v.array(shape, list))
}

const number: Shape = v.pipe(v.number('a number'), v.finite('a number'))

/** `order` of a tier or policy. */
export const order: Shape = number

/** Directions of a policy. */
export const types: Shape = listOf(oneOf(['Ingress', 'Egress']))

const PROTOCOL = 'a protocol: TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite, or a number from 1 to 255'
const protocol: Shape = v.union([v.number(), v.string()], PROTOCOL)
const portText: Shape = v.union([v.number(), v.string()], 'a port: a number, a range such as 80:90, or a name')
const icmp: Shape = maybe({ type: number, code: number })

const entity: Shape = maybe({
  nets: v.array(text, list),
  notNets: v.array(text, list),
  selector: text,
  notSelector: text,
  namespaceSelector: text,
  ports: v.array(portText, list),
  notPorts: v.array(portText, list),
  serviceAccounts: maybe({ names: v.array(text, list), selector: text }),
  services: maybe({ name: text, namespace: text }),
})

/** A rule of Calico. What its fields may say beside each other, the control plane knows: it is Calico's validator. */
const calicoRule: Shape = v.object(
  {
    action: oneOf(['Allow', 'Deny', 'Log', 'Pass']),
    ipVersion: v.nullish(v.picklist([4, 6], '4 or 6')),
    protocol: v.nullish(protocol),
    notProtocol: v.nullish(protocol),
    icmp,
    notICMP: icmp,
    source: entity,
    destination: entity,
    metadata: maybe({ annotations: textMap }),
    http: v.nullish(v.record(v.string(), v.unknown(), map)),
  },
  map,
)

/** Rules of Calico. */
export const calicoRules: Shape = listOf(calicoRule)

const cidr: Shape = v.pipe(
  v.string('a CIDR'),
  v.check(
    (given) => parseCidr(given) !== undefined,
    ({ input }) => `a CIDR, e.g. 10.0.0.0/8${explainCidr(input) ? ` (${explainCidr(input)?.message})` : ''}`,
  ),
)

/** Kubernetes takes a peer that is pods, or a range; not both and not neither. */
const kubernetesPeer: Shape = v.pipe(
  v.object(
    {
      podSelector: v.nullish(labelSelector),
      namespaceSelector: v.nullish(labelSelector),
      ipBlock: v.nullish(v.object({ cidr, except: v.nullish(v.array(cidr, list)) }, map)),
    },
    map,
  ),
  v.check(
    ({ podSelector, namespaceSelector, ipBlock }) =>
      [podSelector ?? namespaceSelector, ipBlock].filter((one) => one !== null && one !== undefined).length === 1,
    'podSelector, namespaceSelector or both, or else ipBlock',
  ),
)

const PORT = 'a port from 1 to 65535, or the name of one'

const kubernetesPort: Shape = v.pipe(
  v.object(
    {
      protocol: v.nullish(oneOf(['TCP', 'UDP', 'SCTP'])),
      port: v.nullish(v.union([whole(1, 65535, 'a port'), text], PORT)),
      endPort: v.nullish(whole(1, 65535, 'a port')),
    },
    map,
  ),
  v.forward(
    v.check(({ port, endPort }) => {
      if (endPort === null || endPort === undefined) return true
      return typeof port === 'number' && Number(endPort) >= port
    }, 'the last port of a range: not before port, which is a number then'),
    ['endPort'],
  ),
)

/** Rules of Kubernetes: for what comes in, with `from`. */
export const kubernetesIngress: Shape = listOf(
  v.object({ from: listOf(kubernetesPeer), ports: listOf(kubernetesPort) }, map),
)

/** Rules of Kubernetes: for what goes out, with `to`. */
export const kubernetesEgress: Shape = listOf(
  v.object({ to: listOf(kubernetesPeer), ports: listOf(kubernetesPort) }, map),
)

const podsOfNamespaces: Shape = maybe({ namespaceSelector: labelSelector, podSelector: labelSelector })

/** Whom an administrator's policy is for. */
export const adminSubject: Shape = maybe({ namespaces: labelSelector, pods: podsOfNamespaces })

/** Of peers that Calico does not know the names are kept: the rule is named and left out, or denies everything. */
const adminPeer: Shape = v.looseObject(
  { namespaces: v.nullish(labelSelector), pods: podsOfNamespaces, networks: listOf(text) },
  map,
)

const range: Shape = maybe({ start: number, end: number })
const clusterPorts: Shape = maybe({ destinationPort: maybe({ number, range }) })

const adminRule: Shape = v.object(
  {
    action: text,
    name: v.nullish(text),
    from: listOf(adminPeer),
    to: listOf(adminPeer),
    ports: listOf(
      maybe({
        portNumber: maybe({ protocol: text, port: number }),
        portRange: maybe({ protocol: text, start: number, end: number }),
        namedPort: text,
      }),
    ),
    protocols: listOf(maybe({ tcp: clusterPorts, udp: clusterPorts, sctp: clusterPorts, destinationNamedPort: text })),
  },
  map,
)

/** Rules of an administrator's policy. */
export const adminRules: Shape = listOf(adminRule)

/** Fields all policies of Calico have. */
export const calicoSpec: Readonly<Record<string, Shape>> = {
  tier: v.nullish(text),
  order: v.nullish(order),
  selector: v.nullish(text),
  namespaceSelector: v.nullish(text),
  serviceAccountSelector: v.nullish(text),
  types,
  ingress: calicoRules,
  egress: calicoRules,
  doNotTrack: v.nullish(flag),
  preDNAT: v.nullish(flag),
  applyOnForward: v.nullish(flag),
  stagedAction: v.nullish(text),
}

/** Labels a profile gives. */
export const labelsToApply: Shape = textMap

/** A port of a host endpoint. */
export const hostPort: Shape = v.object({ name: text, protocol, port: whole(1, 65535, 'a port') }, map)

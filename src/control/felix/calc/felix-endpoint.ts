import { familyOf, hostPrefix, type Prefix, parseCidr, parseIps, prefixAddress, prefixOf } from '../../../wire/index.ts'
import type { NamedPort } from '../../policy/host-endpoints.ts'
import type { Labels } from '../../policy/labels.ts'
import { hasPorts, protocolMatch } from '../../policy/protocol.ts'
import {
  IN_NAMESPACE,
  NAMESPACE_LABEL,
  ORCHESTRATOR,
  SERVICE_ACCOUNT,
  SERVICE_ACCOUNT_LABEL,
} from '../../policy/selector-text.ts'
import { fieldAt, listAt, type Raw, textAt, textMapAt, textsAt } from './raw-fields.ts'

/** Something with addresses and labels: selectors of rules find it. */
export interface LabelledAddresses {
  /** Labels of its own. */
  readonly labels: Labels
  /** Profiles it inherits labels of, in order. */
  readonly profiles: readonly string[]
  /** Ranges; of endpoints single addresses. */
  readonly nets: readonly Prefix[]
  /** Ports with a name. */
  readonly ports: readonly NamedPort[]
}

/** A workload or host endpoint as Felix knows it. */
export interface FelixEndpoint extends LabelledAddresses {
  /** Sort. */
  readonly kind: 'workload' | 'host'
  /** What tells it from the others: `orchestrator/workload/endpoint`, or the name of the host endpoint. */
  readonly id: string
  /** Node. */
  readonly node: string
  /** Interface; `*`: all that have no other, '': those with one of its addresses. */
  readonly interfaceName: string
  /** Routes that lead to it: of a workload its networks. */
  readonly routes: readonly Prefix[]
}

function prefixesOf(texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => {
    const cidr = parseCidr(text.includes('/') ? text : `${text}/${familyOf(text) === 4 ? 32 : 128}`)
    return cidr === undefined ? [] : [prefixOf(cidr.address, cidr.length)]
  })
}

function portsOf(list: readonly unknown[]): NamedPort[] {
  return list.flatMap((one) => {
    const [name, protocol, port] = [textAt(one, 'name'), fieldAt(one, 'protocol'), fieldAt(one, 'port')]
    if (name === '' || typeof port !== 'number') return []
    return [{ name, protocol: typeof protocol === 'number' ? protocol : textAt(one, 'protocol'), port }]
  })
}

const PORT_NAME = /^[a-zA-Z0-9_.-]{1,128}$/

/** Whether Felix can use a port: with one that it cannot it takes the endpoint for missing. */
function isPort({ name, protocol, port }: NamedPort): boolean {
  const match = protocolMatch(protocol)
  return PORT_NAME.test(name) && port > 0 && match !== undefined && hasPorts(match)
}

/** Labels that only namespaces and accounts may give are nobody's own; two are written whenever an endpoint is stored. */
function ownLabels(value: Raw): Labels {
  const labels = Object.entries(textMapAt(value, 'metadata', 'labels'))
  const own = labels.filter(([name]) => !name.startsWith(NAMESPACE_LABEL) && !name.startsWith(SERVICE_ACCOUNT_LABEL))
  const namespace = textAt(value, 'metadata', 'namespace')
  const account = textAt(value, 'spec', 'serviceAccountName')
  const orchestrator = textAt(value, 'spec', 'orchestrator')
  return {
    ...(namespace === '' ? {} : { [IN_NAMESPACE]: namespace }),
    ...(orchestrator === '' ? {} : { [ORCHESTRATOR]: orchestrator }),
    ...Object.fromEntries(own),
    ...(account === '' ? {} : { [SERVICE_ACCOUNT]: account }),
  }
}

/** The parts of a name in which dashes inside a part are doubled. @calico libcalico-go/lib/names/workloadendpoint.go */
function partsOf(name: string): string[] {
  return name.split(/(?<!-)-(?!-)/).map((part) => part.replaceAll('--', '-'))
}

function workloadId(value: Raw): string {
  const [, orchestrator = '', workload = '', endpoint = ''] = partsOf(textAt(value, 'metadata', 'name'))
  const spec = (field: string): string => textAt(value, 'spec', field)
  const names = [
    spec('orchestrator') || orchestrator,
    spec('pod') || spec('workload') || workload,
    spec('endpoint') || endpoint,
  ] as const
  const namespace = textAt(value, 'metadata', 'namespace')
  const within = namespace === '' || names[1].includes('/') ? names[1] : `${namespace}/${names[1]}`
  return `${names[0]}/${within}/${names[2]}`
}

/**
 * A WorkloadEndpoint; undefined for one that Felix does not take: without addresses or without an interface.
 *
 * @calico libcalico-go/lib/backend/syncersv1/updateprocessors/workloadendpointprocessor.go
 */
export function workloadEndpoint(value: Raw, allowsSpoofing: boolean): FelixEndpoint | undefined {
  const routes = prefixesOf(textsAt(value, 'spec', 'ipNetworks'))
  const interfaceName = textAt(value, 'spec', 'interfaceName')
  const spoofs = listAt(value, 'spec', 'allowSpoofedSourcePrefixes').length > 0
  const ports = portsOf(listAt(value, 'spec', 'ports'))
  if (routes.length === 0 || interfaceName === '' || (spoofs && !allowsSpoofing)) return undefined
  if (!ports.every(isPort)) return undefined
  return {
    kind: 'workload',
    id: workloadId(value),
    node: textAt(value, 'spec', 'node') || (partsOf(textAt(value, 'metadata', 'name'))[0] ?? ''),
    interfaceName,
    labels: ownLabels(value),
    profiles: textsAt(value, 'spec', 'profiles'),
    routes,
    nets: routes.map((net) => hostPrefix(prefixAddress(net))),
    ports,
  }
}

const INTERFACE = /^(?:\*|[a-zA-Z0-9_.-]{1,15})?$/

/**
 * A HostEndpoint; undefined for one that Felix does not take: with a name that no interface can have.
 *
 * @calico libcalico-go/lib/backend/syncersv1/updateprocessors/hostendpointprocessor.go
 */
export function hostEndpoint(value: Raw): FelixEndpoint | undefined {
  const interfaceName = textAt(value, 'spec', 'interfaceName')
  const ports = portsOf(listAt(value, 'spec', 'ports'))
  if (!INTERFACE.test(interfaceName) || !ports.every(isPort)) return undefined
  return {
    kind: 'host',
    id: textAt(value, 'metadata', 'name'),
    node: textAt(value, 'spec', 'node'),
    interfaceName,
    labels: textMapAt(value, 'metadata', 'labels'),
    profiles: textsAt(value, 'spec', 'profiles'),
    routes: [],
    nets: parseIps(textsAt(value, 'spec', 'expectedIPs')).map(hostPrefix),
    ports,
  }
}

/** A set of ranges; one of a namespace has the labels of its namespace, too. */
export function networkSet(value: Raw, isGlobal: boolean): LabelledAddresses {
  const labels = textMapAt(value, 'metadata', 'labels')
  const nets = prefixesOf(textsAt(value, 'spec', 'nets'))
  if (isGlobal) return { labels, profiles: [], nets, ports: [] }
  const namespace = textAt(value, 'metadata', 'namespace')
  return { labels: { ...labels, [IN_NAMESPACE]: namespace }, profiles: [`kns.${namespace}`], nets, ports: [] }
}

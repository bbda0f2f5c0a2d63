import { type Ip, parseIp } from '../wire/index.ts'

/** Kinds of objects whose pods are found by the controller's name, as kubectl calls them. */
export type Controller = 'Deployment' | 'DaemonSet' | 'StatefulSet' | 'ReplicaSet' | 'Job'

/** What a word for an endpoint asks for. */
export type EndpointWord =
  | { readonly kind: 'address'; readonly address: Ip }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'pod'; readonly namespace: string | undefined; readonly name: string }
  | {
      readonly kind: 'controller'
      readonly controller: Controller
      readonly namespace: string | undefined
      readonly name: string
    }
  | { readonly kind: 'service'; readonly namespace: string | undefined; readonly name: string }
  /** `HOST.SERVICE.NAMESPACE.svc`: one pod behind a headless Service, such as one of a StatefulSet. */
  | { readonly kind: 'host'; readonly host: string; readonly service: string; readonly namespace: string }
  /** Without a kind: `NAMESPACE/POD`, a bare name, or the name of any network namespace. */
  | { readonly kind: 'name'; readonly name: string }

/** Resources and their short names, in kubectl's spelling. */
const RESOURCES: Readonly<Record<string, 'pod' | 'node' | 'service' | Controller>> = {
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  node: 'node',
  nodes: 'node',
  no: 'node',
  service: 'service',
  services: 'service',
  svc: 'service',
  deployment: 'Deployment',
  deployments: 'Deployment',
  deploy: 'Deployment',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  ds: 'DaemonSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  sts: 'StatefulSet',
  replicaset: 'ReplicaSet',
  replicasets: 'ReplicaSet',
  rs: 'ReplicaSet',
  job: 'Job',
  jobs: 'Job',
}

/** Kinds a word may begin with, for messages. */
export const ENDPOINT_KINDS: readonly string[] = Object.keys(RESOURCES)

/** Names of the cluster's DNS: `NAME.NAMESPACE.svc`, with the cluster's domain behind it or not, or a host's name before it. */
const SERVICE_NAME = /^(?:([a-z0-9-]+)\.)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/i

/** Reads `KIND/NAME`, `KIND/NAMESPACE/NAME`, an address or a name; undefined for three parts of which the first is no kind. */
export function parseEndpoint(text: string): EndpointWord | undefined {
  const address = parseIp(text)
  if (address !== undefined) return { kind: 'address', address }
  const dns = SERVICE_NAME.exec(text)
  if (dns !== null) {
    const [, host, name = '', namespace = ''] = dns
    return host === undefined ? { kind: 'service', namespace, name } : { kind: 'host', host, service: name, namespace }
  }
  const parts = text.split('/')
  // kubectl also takes RESOURCE.GROUP, e.g. deployments.apps/web.
  const resource = (parts[0] ?? '').toLowerCase().replace(/\.(apps|batch)$/, '')
  const kind = parts.length > 1 && Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined
  if (kind === undefined) return parts.length > 2 ? undefined : { kind: 'name', name: text }
  const [namespace, name] = parts.length > 2 ? [parts[1], parts.slice(2).join('/')] : [undefined, parts[1] as string]
  if (kind === 'node') return { kind, name: parts.slice(1).join('/') }
  if (kind === 'service') return { kind, namespace, name: name as string }
  if (kind === 'pod') return { kind, namespace, name: name as string }
  return { kind: 'controller', controller: kind, namespace, name: name as string }
}

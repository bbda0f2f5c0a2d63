import type { ServiceResource } from '../../../control/index.ts'
import { compare, namespaceOf, none, pairs } from '../cells.ts'
import { endpointsOf, slicesOf } from '../endpoints.ts'
import { listAt, textAt } from '../object.ts'
import type { Seen } from '../seen.ts'
import { eventLines, labelLines, optional } from './parts.ts'

/** @kubernetes kubectl/pkg/describe/describe.go describeService */
export function serviceLines(seen: Seen, service: ServiceResource): string[] {
  const { metadata, spec, status } = service
  const type = spec.type ?? 'ClusterIP'
  const ips = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])
  const balancer = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  const isOutside = type === 'NodePort' || type === 'LoadBalancer'
  const families = ips.filter((ip) => ip !== 'None').map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4'))
  return [
    `Name:\t${metadata.name}`,
    `Namespace:\t${namespaceOf(service)}`,
    ...labelLines(service),
    `Selector:\t${none(pairs(spec.selector ?? {}))}`,
    `Type:\t${type}`,
    ...(families.length === 0
      ? []
      : [
          `IP Family Policy:\t${families.length > 1 ? 'RequireDualStack' : 'SingleStack'}`,
          `IP Families:\t${families.join(',')}`,
        ]),
    `IP:\t${spec.clusterIP ?? ''}`,
    `IPs:\t${none(ips.join(','))}`,
    ...optional('External IPs', (spec.externalIPs ?? []).join(',')),
    ...optional('Desired LoadBalancer IP', spec.loadBalancerIP),
    ...optional('External Name', textAt(spec, 'externalName')),
    ...optional('LoadBalancer Ingress', balancer.join(', ')),
    ...(spec.ports ?? []).flatMap((port) => {
      const { name, protocol = 'TCP', nodePort } = port
      const title = name === undefined || name === '' ? '<unset>' : name
      return [
        `Port:\t${title}  ${port.port}/${protocol}`,
        `TargetPort:\t${port.targetPort ?? port.port}/${protocol}`,
        ...(nodePort === undefined ? [] : [`NodePort:\t${title}  ${nodePort}/${protocol}`]),
        `Endpoints:\t${endpointsAt(seen, service, name)}`,
      ]
    }),
    `Session Affinity:\t${spec.sessionAffinity ?? 'None'}`,
    ...(isOutside
      ? [`External Traffic Policy:\t${spec.externalTrafficPolicy ?? 'Cluster'}`]
      : optional('External Traffic Policy', spec.externalTrafficPolicy)),
    `Internal Traffic Policy:\t${spec.internalTrafficPolicy ?? 'Cluster'}`,
    ...optional('LoadBalancer Source Ranges', (spec.loadBalancerSourceRanges ?? []).join(',')),
    ...eventLines(seen, service),
  ]
}

/** Addresses that are ready at a port: of slices, else of Endpoints. */
function endpointsAt(seen: Seen, service: ServiceResource, name = ''): string {
  const isOf = ({ metadata }: { readonly metadata: ServiceResource['metadata'] }): boolean =>
    namespaceOf({ metadata }) === namespaceOf(service)
  const slices = slicesOf(seen).filter(
    (one) => isOf(one) && one.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
  )
  const texts = slices.flatMap(({ endpoints = [], ports = [] }) =>
    ports
      .filter((port) => (port.name ?? '') === name)
      .flatMap(({ port }) =>
        endpoints
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses = [] }) => addresses.map((ip) => withPort(ip, port))),
      ),
  )
  const stored = seen.resources.endpoints.filter((one) => isOf(one) && one.metadata.name === service.metadata.name)
  const old = (
    stored.length === 0 || slices.some(({ metadata }) => metadata.ownerReferences === undefined)
      ? []
      : endpointsOf(seen).filter((one) => stored.includes(one))
  ).flatMap((one) =>
    listAt(one, 'subsets').flatMap((subset) =>
      listAt(subset, 'ports')
        .filter((port) => (textAt(port, 'name') ?? '') === name)
        .flatMap((port) =>
          listAt(subset, 'addresses').map((address) =>
            withPort(textAt(address, 'ip') ?? '', Number(textAt(port, 'port'))),
          ),
        ),
    ),
  )
  const all = [...new Set(old.length > 0 ? old : texts)].sort(compare)
  return all.length === 0 ? '' : `${all.slice(0, 3).join(',')}${all.length > 3 ? ` + ${all.length - 3} more...` : ''}`
}

function withPort(ip: string, port: number | undefined): string {
  return ip.includes(':') ? `[${ip}]:${port ?? ''}` : `${ip}:${port ?? ''}`
}

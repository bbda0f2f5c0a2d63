import { parseCidr, prefixOf } from '../../wire/index.ts'
import { communityOf } from '../bird/bgp-filter.ts'
import type { AdvertisedPrefix, BgpSettings, ConfdPeer, PasswordRef } from './datastore.ts'
import { asNumberAt, fieldAt, flagAt, listAt, numberAt, secondsAt, textAt, textsAt } from './plain-fields.ts'

/** Members without those that are undefined. */
function said<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}

function passwordAt(value: unknown, ...path: readonly string[]): PasswordRef | undefined {
  const secret = textAt(value, ...path, 'secretKeyRef', 'name')
  const key = textAt(value, ...path, 'secretKeyRef', 'key')
  return secret === undefined || key === undefined ? undefined : { secret, key }
}

/** A BGPPeer. */
export function readBgpPeer(name: string, { spec }: Readonly<Record<string, unknown>>): ConfdPeer {
  return {
    name,
    keepOriginalNextHop: flagAt(spec, 'keepOriginalNextHop'),
    filters: textsAt(spec, 'filters'),
    reverse: textAt(spec, 'reversePeering') !== 'Manual',
    ...said({
      node: textAt(spec, 'node'),
      nodeSelector: textAt(spec, 'nodeSelector'),
      peerIp: textAt(spec, 'peerIP'),
      peerSelector: textAt(spec, 'peerSelector'),
      localWorkloadSelector: textAt(spec, 'localWorkloadSelector'),
      asNumber: asNumberAt(spec, 'asNumber'),
      localAsNumber: asNumberAt(spec, 'localASNumber'),
      sourceAddress: textAt(spec, 'sourceAddress'),
      password: passwordAt(spec, 'password'),
      maxRestartTime: secondsAt(spec, 'maxRestartTime'),
      keepaliveTime: secondsAt(spec, 'keepaliveTime'),
      nextHopMode: textAt(spec, 'nextHopMode'),
      numAllowedLocalAsNumbers: numberAt(spec, 'numAllowedLocalASNumbers'),
      ttlSecurity: numberAt(spec, 'ttlSecurity'),
      reachableBy: textAt(spec, 'reachableBy'),
    }),
  } as ConfdPeer
}

/** A BGPConfiguration. @calico confd/pkg/backends/calico/client.go updateBGPConfigCache */
export function readBgpSettings({ spec }: Readonly<Record<string, unknown>>): BgpSettings {
  const ranges = (field: string): string[] => listAt(spec, field).flatMap((one) => textAt(one, 'cidr') ?? [])
  const port = numberAt(spec, 'listenPort')
  const mesh = fieldAt(spec, 'nodeToNodeMeshEnabled')
  return {
    ignoredInterfaces: textsAt(spec, 'ignoredInterfaces'),
    normalRoutePriority: said({
      4: numberAt(spec, 'ipv4NormalRoutePriority'),
      6: numberAt(spec, 'ipv6NormalRoutePriority'),
    }),
    serviceClusterIps: ranges('serviceClusterIPs'),
    serviceExternalIps: ranges('serviceExternalIPs'),
    serviceLoadBalancerIps: ranges('serviceLoadBalancerIPs'),
    aggregation: textAt(spec, 'serviceLoadBalancerAggregation') !== 'Disabled',
    ...said({
      asNumber: asNumberAt(spec, 'asNumber'),
      mesh: typeof mesh === 'boolean' ? mesh : undefined,
      listenPort: port === 0 ? undefined : port,
      logSeverity: textAt(spec, 'logSeverityScreen')?.toLowerCase(),
      prefixAdvertisements: advertisementsOf(spec),
      bindMode: textAt(spec, 'bindMode'),
      meshPassword: passwordAt(spec, 'nodeMeshPassword'),
      meshRestartTime: secondsAt(spec, 'nodeMeshMaxRestartTime'),
      programClusterRoutes: textAt(spec, 'programClusterRoutes'),
    }),
  } as BgpSettings
}

/** Prefixes with their communities, which are given as such or by a name of this very object; without any list, undefined. */
function advertisementsOf(spec: unknown): readonly AdvertisedPrefix[] | undefined {
  const list = listAt(spec, 'prefixAdvertisements')
  if (list.length === 0) return undefined
  const named = new Map<string, string>()
  for (const one of listAt(spec, 'communities')) {
    const [name, value] = [textAt(one, 'name'), textAt(one, 'value')]
    if (name !== undefined && value !== undefined && !named.has(name)) named.set(name, value)
  }
  return list.flatMap((one): AdvertisedPrefix[] => {
    const cidr = parseCidr(textAt(one, 'cidr') ?? '')
    if (cidr === undefined) return []
    const texts = textsAt(one, 'communities').flatMap((text) =>
      communityOf(text) === undefined ? (named.get(text) ?? []) : text,
    )
    const communities = [...new Set(texts)].sort().flatMap((text) => communityOf(text) ?? [])
    return [{ cidr: prefixOf(cidr.address, cidr.length), communities }]
  })
}

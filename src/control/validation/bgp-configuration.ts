import { COMMUNITY, looksLikeCommunity, PASSWORD, ROUTE_PRIORITY } from './bgp-values.ts'
import { has, listAt, mapsAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  AS_NUMBER,
  anyCaseWords,
  DURATION,
  emptyCounts,
  FLAG,
  list,
  type MapShape,
  map,
  needed,
  type Refusal,
  type Shape,
  set,
  shortText,
  TEXT,
  text,
  whole,
  withDefault,
  words,
  zeroIsNothing,
} from './shape.ts'
import { IPV4, IPV6, NAME, NET, SOME_INTERFACES } from './text-checks.ts'

const BLOCKS: Shape = list(map({ cidr: text(NET) }))

/** Levels of logs, and the values of `programClusterRoutes`: Felix has the same. */
export const LOG_LEVEL: Shape = anyCaseWords('Trace', 'Debug', 'Info', 'Warning', 'Error', 'Fatal')
/** Which cluster routes a component writes. */
export const CLUSTER_ROUTES: Shape = emptyCounts(words('Enabled', 'Disabled', 'EnabledIPIPOnly', 'EnabledNoEncapOnly'))

/** Settings of the mesh need the mesh. */
const meshAgrees: Agreement = (spec) =>
  spec['nodeToNodeMeshEnabled'] === false
    ? ['nodeMeshPassword', 'nodeMeshMaxRestartTime']
        .filter((name) => has(spec, name))
        .map((name): Refusal => ({ at: [name], message: 'there is no mesh: nodeToNodeMeshEnabled is false' }))
    : []

/** Communities are used in advertisements, by value or by a name that is defined. */
const communitiesAreUsed: Agreement = (spec) => {
  const defined = new Set(mapsAt(spec, 'communities').map(([, one]) => textAt(one, 'name')))
  const advertisements = mapsAt(spec, 'prefixAdvertisements')
  const unused = listAt(spec, 'communities').length > 0 && advertisements.length === 0
  const unknown = advertisements.flatMap(([i, advertisement]) =>
    listAt(advertisement, 'communities').flatMap((value, j): readonly Refusal[] => {
      const at = ['prefixAdvertisements', i, 'communities', j]
      if (typeof value !== 'string') return []
      if (looksLikeCommunity(value)) return refuseIf(!COMMUNITY.ok(value), at, `expected ${COMMUNITY.what}`)
      return refuseIf(!defined.has(value), at, `expected a community, or the name of one of spec.communities`)
    }),
  )
  return [...refuseIf(unused, ['communities'], 'no prefixAdvertisements use them'), ...unknown]
}

/** BGPConfiguration. @calico api/pkg/apis/projectcalico/v3/bgpconfig.go */
export const BGP_CONFIGURATION: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        logSeverityScreen: withDefault(LOG_LEVEL, 'Info'),
        nodeToNodeMeshEnabled: FLAG,
        asNumber: AS_NUMBER,
        serviceLoadBalancerIPs: BLOCKS,
        serviceExternalIPs: BLOCKS,
        serviceClusterIPs: BLOCKS,
        serviceLoadBalancerAggregation: withDefault(emptyCounts(words('Enabled', 'Disabled')), 'Enabled'),
        communities: list(map({ name: needed(shortText(253, NAME)), value: needed(shortText(40, COMMUNITY)) }), {
          longest: 500,
        }),
        prefixAdvertisements: list(map({ cidr: needed(text(NET)), communities: needed(list(TEXT, { longest: 50 })) }), {
          longest: 500,
        }),
        listenPort: zeroIsNothing(whole(1, 65535)),
        nodeMeshPassword: PASSWORD,
        nodeMeshMaxRestartTime: DURATION,
        bindMode: emptyCounts(words('None', 'NodeIP')),
        ignoredInterfaces: set(text(SOME_INTERFACES)),
        localWorkloadPeeringIPV4: text(IPV4),
        localWorkloadPeeringIPV6: text(IPV6),
        programClusterRoutes: CLUSTER_ROUTES,
        ipv4NormalRoutePriority: ROUTE_PRIORITY,
        ipv6NormalRoutePriority: ROUTE_PRIORITY,
      },
      meshAgrees,
      communitiesAreUsed,
    ),
  ),
})

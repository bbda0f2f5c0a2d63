import type { BgpPath } from '../../control/index.ts'
import { assertNever } from '../../wire/index.ts'
import type { BirdDestination, BirdRoute } from './table.ts'

/**
 * Routes as `show route [all]` prints them: of a prefix the best first, the others below it.
 * @param since - since when a protocol is as it is: its routes came with it
 * @bird nest/rt-table.c rt_show_rte
 */
export function routeText(routes: readonly BirdRoute[], all: boolean, since: (protocol: string) => string): string {
  let before: string | undefined
  return routes
    .map((one) => {
      const isBest = one.prefix !== before
      before = one.prefix
      return `${lineOf(one, isBest, since(one.protocol))}\n${
        all
          ? detailsOf(one)
              .map((text) => `\t${text}\n`)
              .join('')
          : ''
      }`
    })
    .join('')
}

function lineOf(route: BirdRoute, isBest: boolean, since: string): string {
  const { prefix, to, protocol, path } = route
  const teller = path?.told?.by.address
  const from = teller === undefined || (to.kind === 'router' && to.via === teller) ? '' : ` from ${teller}`
  const head = `${(isBest ? prefix : '').padEnd(18)} ${destinationText(to)} [${protocol} ${since}${from}]`
  const hops =
    to.kind === 'multipath'
      ? to.hops.map(({ via, dev, weight }) => `\n\tvia ${via} on ${dev} weight ${weight ?? 1}`)
      : []
  return `${head}${isBest ? ' *' : ''} ${preferenceText(route)}${hops.join('')}`
}

function destinationText(to: BirdDestination): string {
  switch (to.kind) {
    case 'blackhole':
    case 'unreachable':
      return to.kind
    case 'prohibit':
      return 'prohibited'
    case 'device':
      return `dev ${to.dev}`
    case 'router':
      return `via ${to.via} on ${to.dev}`
    case 'multipath':
      return 'multipath'
    default:
      return assertNever(to)
  }
}

function preferenceText({ preference, distance, path }: BirdRoute): string {
  if (path === undefined) return `(${preference})`
  const as = path.route.asPath?.at(-1)
  return `(${preference}/${distance ?? '-'}) [${as === undefined ? '' : `AS${as}`}i]`
}

const TYPES = { static: 'static', kernel: 'inherit', direct: 'device', bgp: 'BGP' } as const

function detailsOf({ source, path, route }: BirdRoute): string[] {
  const type = `Type: ${TYPES[source]} unicast univ`
  if (path !== undefined) return [type, ...bgpDetails(path)]
  if (route === undefined) return [type]
  return [
    type,
    `Kernel.source: ${PROTOCOL_NUMBERS[route.protocol] ?? route.protocol}`,
    `Kernel.metric: ${route.metric ?? 0}`,
    ...(route.src === undefined ? [] : [`Kernel.prefsrc: ${route.src}`]),
    ...(route.family === 'inet6' && route.type === 'unicast' && route.via === undefined ? ['Kernel.scope: 0'] : []),
    ...(route.mtu === undefined ? [] : [`Kernel.mtu: ${route.mtu}`]),
  ]
}

/** Numbers of protocols that `ip` prints by name. */
const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  boot: 3,
  static: 4,
  ra: 9,
  zebra: 11,
  dhcp: 16,
  keepalived: 18,
}

function bgpDetails({ route, originatorId, clusterList }: BgpPath): string[] {
  const { asPath = [], nextHop, localPref, communities = [] } = route
  const [plain, large] = [2, 3].map((parts) => communities.filter((one) => one.split(':').length === parts))
  const listed = (name: string, list: readonly string[] = []): string[] =>
    list.length === 0 ? [] : [`${name}: ${list.map((one) => `(${one.replaceAll(':', ', ')})`).join(' ')}`]
  return [
    'BGP.origin: IGP',
    `BGP.as_path: ${asPath.join(' ')}`,
    `BGP.next_hop: ${nextHop}`,
    `BGP.local_pref: ${localPref ?? 100}`,
    ...listed('BGP.community', plain).map((text) => text.replaceAll(', ', ',')),
    ...(originatorId === undefined ? [] : [`BGP.originator_id: ${originatorId}`]),
    ...(clusterList.length === 0
      ? []
      : [
          `BGP.cluster_list: ${clusterList
            .map((id) => ` ${id}`)
            .join('')
            .trim()}`,
        ]),
    ...listed('BGP.large_community', large),
  ]
}

import { type Family, familyOf, isHostPrefix, type Prefix, parseIp } from '../../wire/index.ts'
import { type FilterFault, filterFunction } from '../bird/bgp-filter.ts'
import type { BirdConfiguration, BirdNeighbour, BirdStaticRoute } from '../bird/configuration.ts'
import { type ConfdAffinity, type ConfdDatastore, type ConfdNode, globalAs } from './datastore.ts'
import { type ExportPolicy, exportPolicy, kernelFilter } from './export-policy.ts'
import { explicitNeighbours, type FilterFunctions, meshNeighbours, type NeighbourContext } from './neighbours.ts'
import { NodeIndex, type PeerEntries, peerEntries } from './peer-entries.ts'
import { hashedRouterId } from './router-id.ts'
import { serviceRoutes } from './service-routes.ts'

/**
 * What confd tells BIRD on a node: its configuration in one family, or why there is none.
 * @calico confd/pkg/backends/calico/bgp_processor.go, node/filesystem/etc/calico/confd/templates
 */
export function birdConfiguration(
  datastore: ConfdDatastore,
  node: ConfdNode,
  family: Family,
): BirdConfiguration | FilterFault {
  const filters = filterFunctions(datastore, family)
  if ('fault' in filters) return filters
  const entries = peerEntries(new NodeIndex(datastore), node)
  const basis = exportBasis(datastore, node, family)
  const enabled = isSpeaking(datastore, node, family)
  const shared = { of: new Map(), imports: new Map() }
  const context: NeighbourContext = { datastore, node, family, filters, main: basis.policy.main, shared }
  const neighbours = enabled ? [...meshNeighbours(context), ...explicitNeighbours(context, entries)] : []
  const routerId = routerIdOf(datastore, node)
  const debug = debugOf(datastore, node)
  const ofFilters = [...filters.values()].flatMap((one) => [one.import ?? [], one.export ?? []].flat())
  return {
    family,
    ...(routerId === undefined ? {} : { routerId }),
    enabled,
    listen: listenOf(datastore, node, family),
    localAs: node.asNumber ?? globalAs(datastore),
    ...(debug === undefined ? {} : { debug }),
    directInterfaces: [
      ...(datastore.settings?.ignoredInterfaces ?? []).map((pattern) => `-${pattern}`),
      '-cali*',
      // Of kube-proxy, with every address of a Service.
      '-kube-ipvs*',
      '*',
    ],
    neighbours: neighbours.sort(byName),
    staticRoutes: staticRoutes(basis, entries, family),
    functions: [...ofFilters, ...basis.policy.functions],
    kernel: kernelFilter(datastore, node, family, basis.rejected),
  }
}

/** What a node has to announce, and by which rules it does. */
export interface ExportBasis {
  /** Its blocks. */
  readonly affinities: readonly ConfdAffinity[]
  /** What it announces of Services. */
  readonly announced: readonly Prefix[]
  /** Ranges of Services that its kernel does not get. */
  readonly rejected: readonly Prefix[]
  /** What it tells neighbours. */
  readonly policy: ExportPolicy
}

/** What a node has to announce in a family, and by which rules it does. */
export function exportBasis(datastore: ConfdDatastore, node: ConfdNode, family: Family): ExportBasis {
  const affinities = affinitiesOf(datastore, node, family)
  const services = serviceRoutes(datastore, node)
  const announced = inFamily(services.announced, family)
  const policy = exportPolicy(datastore, node, family, affinities, announced)
  return { affinities, announced, rejected: inFamily(services.rejected, family), policy }
}

/** Whether BIRD of a node speaks BGP in a family. */
export function isSpeaking(datastore: ConfdDatastore, node: ConfdNode, family: Family): boolean {
  return node.addresses[family] !== undefined && isBirdRunning(datastore)
}

function byName(a: BirdNeighbour, b: BirdNeighbour): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** The functions of all BGPFilters: one that cannot be written, and there is no configuration. */
export function filterFunctions(
  { filters }: ConfdDatastore,
  family: Family,
): ReadonlyMap<string, FilterFunctions> | FilterFault {
  const functions = new Map<string, FilterFunctions>()
  for (const [name, spec] of filters) {
    const found: { -readonly [K in keyof FilterFunctions]: FilterFunctions[K] } = {}
    for (const direction of ['import', 'export'] as const) {
      const made = filterFunction(name, spec, direction, family)
      if (made !== undefined && 'fault' in made) return made
      if (made !== undefined) found[direction] = made
    }
    functions.set(name, found)
  }
  return functions
}

/** Only with this backend the container runs confd and BIRD. @calico node/filesystem/etc/rc.local */
function isBirdRunning({ env }: ConfdDatastore): boolean {
  return (env['CALICO_NETWORKING_BACKEND'] || 'bird') === 'bird'
}

/** Router id of a node, where there is one. */
export function routerIdOf({ env }: ConfdDatastore, node: ConfdNode): string | undefined {
  const variable = env['CALICO_ROUTER_ID'] ?? ''
  if (variable === 'hash') return hashedRouterId(node.name)
  return variable === '' ? node.addresses[4] : variable
}

function listenOf({ settings, ofNode }: ConfdDatastore, node: ConfdNode, family: Family): BirdConfiguration['listen'] {
  const address = settings?.bindMode === 'NodeIP' ? node.addresses[family] : undefined
  const port = ofNode.get(node.name)?.listenPort ?? settings?.listenPort
  return { ...(address === undefined ? {} : { address }), ...(port === undefined ? {} : { port }) }
}

/** BIRD knows three levels; what is neither debug nor info is none. */
function debugOf({ settings, ofNode }: ConfdDatastore, node: ConfdNode): BirdConfiguration['debug'] {
  switch (ofNode.get(node.name)?.logSeverity ?? settings?.logSeverity ?? 'info') {
    case 'debug':
      return { peers: 'all', others: 'all' }
    case 'info':
      return { peers: '{ states, routes, filters, events }', others: '{ states }' }
    default:
      return undefined
  }
}

function inFamily(prefixes: readonly Prefix[], family: Family): Prefix[] {
  return prefixes.filter((one) => familyOf(one) === family).sort(byPath)
}

/** As the names of files stand in a folder, where a `-` takes the place of the slash. */
function byPath(a: Prefix, b: Prefix): number {
  const [left, right] = [a.replace('/', '-'), b.replace('/', '-')]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Blocks of a node: those that it does not have for sure yet are left out. */
function affinitiesOf(
  { affinities, env }: ConfdDatastore,
  { name, podCidrs }: ConfdNode,
  family: Family,
): readonly ConfdAffinity[] {
  const byKubernetes = /^(true|1|t)$/i.test(env['USE_POD_CIDR'] ?? '')
  const own = byKubernetes
    ? podCidrs.map((cidr) => ({ node: name, cidr, state: 'confirmed' }))
    : (affinities.get(name) ?? []).filter(({ state }) => state !== 'pending')
  return own.filter(({ cidr }) => familyOf(cidr) === family).sort((a, b) => byPath(a.cidr, b.cidr))
}

/** The static routes of a node. */
function staticRoutes(
  { affinities, announced }: Pick<ExportBasis, 'affinities' | 'announced'>,
  { global, ofNode }: PeerEntries,
  family: Family,
): BirdStaticRoute[] {
  const ofPeers = [global, ofNode].flatMap((entries) =>
    entries
      .filter(({ ip, reachableBy }) => familyOf(ip) === family && reachableBy !== undefined)
      .sort((a, b) => (a.ip < b.ip ? -1 : 1))
      .flatMap(({ ip, reachableBy }): BirdStaticRoute[] => {
        const via = parseIp(reachableBy!)
        return via === undefined ? [] : [{ prefix: `${ip}/${family === 4 ? 32 : 128}` as Prefix, via, why: 'peer' }]
      }),
  )
  return [
    ...affinities
      .filter(({ cidr }) => !isHostPrefix(cidr))
      .map(({ cidr }): BirdStaticRoute => ({ prefix: cidr, why: 'block' })),
    ...announced.map((prefix): BirdStaticRoute => ({ prefix, why: 'service' })),
    ...ofPeers,
  ]
}

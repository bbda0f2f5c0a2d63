import * as v from 'valibot'
import {
  type BirdConfiguration,
  type BirdNeighbour,
  birdConfiguration,
  confdDatastore,
  type FilterFault,
  type PasswordRef,
  traitsOf,
  type WorkloadPeer,
} from '../../control/index.ts'
import { rawObjects } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'
import { type BgpRoutes, type BgpVerdicts, bgpRoutesShape, verdictsOn } from './bgp-routes.ts'

/** What confd and BIRD have on one node. */
export interface BgpRequest extends RequestBase<'bgp'> {
  /** Name of the node. */
  readonly node: string
  /** Kubernetes and Calico objects of the datastore. */
  readonly objects: readonly unknown[]
  /** Environment of calico-node. */
  readonly env?: Readonly<Record<string, string>>
  /** Local workloads that speak BGP. */
  readonly workloadPeers?: readonly WorkloadPeer[]
  /** Routes that filters are to judge. */
  readonly routes?: BgpRoutes
}

/** A neighbour of BIRD's. */
export interface BgpNeighbour {
  /** Why it is there. */
  readonly kind: BirdNeighbour['kind']
  /** Its address. */
  readonly address: string
  /** Its port. */
  readonly port: number
  /** Its AS number. */
  readonly as: number
  /** AS number of this side. */
  readonly localAs: number
  /** Address the session is bound to. */
  readonly sourceAddress: string | null
  /** Whether this side only waits. */
  readonly passive: boolean
  /** Whether the TTL of its packets is looked at. */
  readonly ttlSecurity: boolean
  /** True, or how many hops. */
  readonly multihop: boolean | number
  /** Whether it is a client of this route reflector. */
  readonly routeReflectorClient: boolean
  /** Cluster id towards a client. */
  readonly clusterId: string | null
  /** Where the password is. */
  readonly password: PasswordRef | null
  /** Next hop of what is passed on; null: by BGP's rules. */
  readonly nextHop: 'self' | 'keep' | null
  /** In seconds; null: BIRD's own. */
  readonly gracefulRestartTime: number | null
  /** How often the own AS may be in a path. */
  readonly allowLocalAs: number | null
  /** Names of BGPFilters' functions, in order. */
  readonly importFilters: readonly string[]
  /** Names of BGPFilters' functions, in order. */
  readonly exportFilters: readonly string[]
  /** Whether filters take it for one of the same AS. */
  readonly internal: boolean
}

/** What BIRD has in one family. */
export interface BgpFamily {
  /** Router id. */
  readonly routerId: string | null
  /** Whether it speaks BGP. */
  readonly enabled: boolean
  /** Where it listens. */
  readonly listen: { readonly address: string | null; readonly port: number }
  /** AS number. */
  readonly localAs: number | null
  /** What is logged. */
  readonly debug: string | null
  /** Patterns of interfaces, in order; `-` in front of those that are left out. */
  readonly directInterfaces: readonly string[]
  /** The protocol towards the kernel. */
  readonly kernel: { readonly gracefulRestart: boolean; readonly mergePaths: boolean }
  /** Neighbours by their names in BIRD. */
  readonly neighbours: readonly BgpNeighbour[]
  /** `action` is `blackhole` or `via ADDRESS`. */
  readonly staticRoutes: readonly { readonly prefix: string; readonly action: string }[]
}

/** What BIRD has, and what it does with routes. */
export interface BgpResult {
  /** BIRD. */
  readonly ipv4: BgpFamily
  /** BIRD for IPv6. */
  readonly ipv6: BgpFamily
  /** By position, where routes were given. */
  readonly verdicts?: BgpVerdicts
}

/** The verb `bgp`. */
export const bgp: Verb = verb<BgpRequest, BgpResult>(
  v.strictObject({
    node: v.string('the name of a node'),
    objects: v.array(v.unknown(), 'a list of objects'),
    env: v.exactOptional(v.record(v.string(), v.string('text'))),
    workloadPeers: v.exactOptional(
      v.array(
        v.strictObject({
          interface: v.exactOptional(v.string('text')),
          ipv4Nets: v.exactOptional(v.array(v.string('a prefix'))),
          ipv6Nets: v.exactOptional(v.array(v.string('a prefix'))),
          peer: v.string('the name of a BGPPeer'),
        }),
      ),
    ),
    routes: v.exactOptional(bgpRoutesShape),
  }),
  ({ node: name, objects, env = {}, workloadPeers = [], routes }, { version }) => {
    const traits = traitsOf(version)
    const datastore = confdDatastore(rawObjects(objects), { env, workloadPeers, traits })
    const node = datastore.nodes.get(name)
    if (node === undefined) throw noSuchNode(name, [...datastore.nodes.keys()])
    const ipv4 = birdConfiguration(datastore, node, 4)
    const ipv6 = birdConfiguration(datastore, node, 6)
    if (isFault(ipv4)) return { unsupported: `a configuration that confd cannot write: ${ipv4.fault}` }
    if (isFault(ipv6)) return { unsupported: `a configuration that confd cannot write: ${ipv6.fault}` }
    const verdicts = routes === undefined ? {} : { verdicts: verdictsOn(routes, { ipv4, ipv6 }) }
    return { result: { ipv4: familyFace(ipv4), ipv6: familyFace(ipv6), ...verdicts } }
  },
)

function isFault(made: BirdConfiguration | FilterFault): made is FilterFault {
  return 'fault' in made
}

function noSuchNode(name: string, known: readonly string[]): InputError {
  const expected = known.length === 0 ? 'the name of a Node among the objects' : `one of ${known.join(', ')}`
  return new InputError([{ kind: 'invalid', file: '', path: ['node'], expected, received: `"${name}"` }])
}

/** Port of BGP where none is said. */
const BGP_PORT = 179

function familyFace(config: BirdConfiguration): BgpFamily {
  const { enabled, listen } = config
  return {
    routerId: config.routerId ?? null,
    enabled,
    listen: { address: listen.address ?? null, port: listen.port ?? BGP_PORT },
    localAs: enabled ? config.localAs : null,
    debug: enabled ? (config.debug?.peers ?? null) : null,
    directInterfaces: config.directInterfaces,
    kernel: { gracefulRestart: true, mergePaths: true },
    neighbours: config.neighbours.map((one) => neighbourFace(one, config.localAs)),
    staticRoutes: config.staticRoutes.map(({ prefix, via }) => ({
      prefix,
      action: via === undefined ? 'blackhole' : `via ${via}`,
    })),
  }
}

function neighbourFace(one: BirdNeighbour, localAs: number): BgpNeighbour {
  return {
    kind: one.kind,
    address: one.address,
    port: one.port ?? BGP_PORT,
    as: one.as,
    localAs: one.localAs ?? localAs,
    sourceAddress: one.sourceAddress ?? null,
    passive: one.passive,
    ttlSecurity: one.ttlSecurity !== undefined,
    multihop: one.ttlSecurity ?? true,
    routeReflectorClient: one.clientOf !== undefined,
    clusterId: one.clientOf ?? null,
    password: one.password ?? null,
    nextHop: one.nextHop ?? null,
    gracefulRestartTime: one.gracefulRestartTime ?? null,
    allowLocalAs: one.allowLocalAs ?? null,
    importFilters: one.filters.import.map(({ name }) => name),
    exportFilters: one.filters.export.map(({ name }) => name),
    internal: one.internal,
  }
}

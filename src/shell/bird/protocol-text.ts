import {
  type BgpSession,
  type BirdConfiguration,
  type BirdNeighbour,
  type FilterRoute,
  type FilterStatement,
  type PeerStatus,
  runFilter,
} from '../../control/index.ts'
import type { Ip } from '../../wire/index.ts'
import type { BirdRoute } from './table.ts'

/** A protocol of BIRD's on a node. */
export interface BirdProtocol {
  readonly name: string
  readonly proto: 'Static' | 'Kernel' | 'Device' | 'Direct' | 'BGP'
  /** Since when it is in its state, as BIRD prints it. */
  readonly since: string
  /** Of a BGP protocol, whom it talks to, and how that stands. */
  readonly neighbour?: BirdNeighbour
  readonly status?: Pick<PeerStatus, 'state' | 'info'>
  /** Router id of the peer of a session that is up. */
  readonly peerRouterId?: string
}

/** When BIRD of a node started, and since when its sessions are as they are, as it prints them. */
export interface BirdTimes {
  readonly started: string
  readonly session: (peer: Ip) => string
}

/** Protocols in the order of the configuration. */
export function protocolsOf(
  config: BirdConfiguration,
  peers: readonly PeerStatus[],
  sessions: readonly BgpSession[],
  { started, session: sinceOf }: BirdTimes,
): BirdProtocol[] {
  const since = started
  return [
    ...(config.staticRoutes.length === 0 ? [] : [{ name: 'static1', proto: 'Static', since } as const]),
    { name: 'kernel1', proto: 'Kernel', since },
    { name: 'device1', proto: 'Device', since },
    { name: 'direct1', proto: 'Direct', since },
    ...config.neighbours.map((neighbour): BirdProtocol => {
      const { name, passive, address } = neighbour
      // A peer that no plan knows is nobody in this cluster: a BGPPeer of an address outside.
      const status = peers.find(({ peerAddress }) => peerAddress === address) ?? {
        state: 'start' as const,
        info: passive ? 'Passive' : 'Active',
      }
      const session = sessions.find((one) => one.address === address)
      const peer = session === undefined ? {} : { peerRouterId: session.peerRouterId }
      return { name, proto: 'BGP', since: sinceOf(address), neighbour, status, ...peer }
    }),
  ]
}

/** The line of `show protocols`. @bird nest/proto.c proto_cmd_show */
export function protocolLine({ name, proto, since, status }: BirdProtocol): string {
  const state = status?.state ?? 'up'
  const [, word = '', error = ''] = /^(\S+) ?(.*)$/.exec(status?.info ?? '') ?? []
  const info = status === undefined ? '' : `${word.padEnd(14)}${error}`
  return `${name.padEnd(8)} ${proto.padEnd(8)} master   ${state.padEnd(6)} ${since.padEnd(10)}  ${info}`
}

/** The head above the lines. */
export const PROTOCOL_HEAD = 'name     proto    table    state  since       info'

const PREFERENCE = { Static: 200, Kernel: 10, Device: 240, Direct: 240, BGP: 100 } as const

/** What `show protocols all` adds. Counters are those of a BIRD that learned everything once. */
export function protocolDetails(
  protocol: BirdProtocol,
  config: BirdConfiguration,
  table: readonly BirdRoute[],
): string {
  const { name, proto, neighbour } = protocol
  const isUp = (protocol.status?.state ?? 'up') === 'up'
  const own = table.filter((one) => one.protocol === name)
  const best = table.filter((one, i) => one.prefix !== table[i - 1]?.prefix)
  const preferred = best.filter((one) => one.protocol === name).length
  const sent = isUp ? exportsOf(protocol, config, table) : { received: 0, rejected: 0, filtered: 0, accepted: 0 }
  const column = (value: number | string): string => String(value).padStart(11)
  const row = (head: string, ...cells: readonly (number | string)[]): string =>
    `${head.padEnd(23)}${cells.map(column).join('')}\n`
  return [
    `  Preference:     ${PREFERENCE[proto]}\n`,
    `  Input filter:   ${takesAll(neighbour) ? 'ACCEPT' : '(unnamed)'}\n`,
    `  Output filter:  ${proto === 'Kernel' ? 'calico_kernel_programming' : neighbour === undefined ? 'REJECT' : '(unnamed)'}\n`,
    `  Routes:         ${own.length} imported, ${sent.accepted} exported, ${preferred} preferred\n`,
    '  Route change stats:     received   rejected   filtered    ignored   accepted\n',
    row('    Import updates:', own.length, 0, 0, 0, own.length),
    row('    Import withdraws:', 0, 0, '---', 0, 0),
    row('    Export updates:', sent.received, sent.rejected, sent.filtered, '---', sent.accepted),
    row('    Export withdraws:', 0, '---', '---', '---', 0),
    neighbour === undefined ? '' : sessionDetails(protocol, neighbour, config),
    '\n',
  ].join('')
}

/** `import all` has a name. */
function takesAll(neighbour: BirdNeighbour | undefined): boolean {
  return neighbour === undefined || (neighbour.import.length === 1 && neighbour.import[0]?.do === 'accept')
}

function sessionDetails(
  { status, peerRouterId }: BirdProtocol,
  neighbour: BirdNeighbour,
  config: BirdConfiguration,
): string {
  const { address, as, localAs = config.localAs, sourceAddress, ttlSecurity, clientOf, keepaliveTime } = neighbour
  const [, state = '', error = ''] = /^(\S+) ?(.*)$/.exec(status?.info ?? '') ?? []
  const head = [`  BGP state:          ${state}`, `    Neighbor address: ${address}`, `    Neighbor AS:      ${as}`]
  if (state !== 'Established') return lines([...head, ...(error === '' ? [] : [`    Last error:       ${error}`])])
  const keep = keepaliveTime ?? 80
  const session = [
    as === localAs ? 'internal' : 'external',
    ...(ttlSecurity === undefined ? ['multihop'] : []),
    ...(clientOf === undefined ? [] : ['route-reflector']),
    'AS4 add-path-rx add-path-tx',
  ]
  return lines([
    ...head,
    ...(peerRouterId === undefined ? [] : [`    Neighbor ID:      ${peerRouterId}`]),
    '    Neighbor caps:    refresh enhanced-refresh restart-able llgr-aware AS4 add-path-rx add-path-tx',
    `    Session:          ${session.join(' ')}`,
    ...(sourceAddress === undefined ? [] : [`    Source address:   ${sourceAddress}`]),
    '    Hold timer:       240/240',
    `    Keepalive timer:  ${keep}/${keep}`,
  ])
}

const lines = (list: readonly string[]): string => list.map((text) => `${text}\n`).join('')

interface Exported {
  readonly received: number
  readonly rejected: number
  readonly filtered: number
  readonly accepted: number
}

/** What becomes of the table's routes towards a protocol. */
function exportsOf(protocol: BirdProtocol, config: BirdConfiguration, table: readonly BirdRoute[]): Exported {
  const verdicts = table.flatMap((route) => verdictOf(protocol, config, route) ?? [])
  const count = (verdict: ExportVerdict): number => verdicts.filter((one) => one === verdict).length
  const [rejected, filtered, accepted] = [count('rejected'), count('filtered'), count('accepted')]
  return { received: verdicts.length, rejected, filtered, accepted }
}

/** What a protocol makes of a route: it does not want it, its filter takes it out, or it takes it. */
type ExportVerdict = 'rejected' | 'filtered' | 'accepted'

/** What a protocol makes of a route of the table; undefined where nothing is sent to it. */
export function verdictOf(
  { proto, name, neighbour }: BirdProtocol,
  config: BirdConfiguration,
  route: BirdRoute,
): ExportVerdict | undefined {
  if (proto === 'Kernel') {
    if (route.protocol === name || route.source === 'direct') return 'rejected'
    return passes(config.kernel, route) ? 'accepted' : 'filtered'
  }
  if (neighbour === undefined) return undefined
  if (route.protocol === name) return 'rejected'
  const { path } = route
  const isInternal = neighbour.as === (neighbour.localAs ?? config.localAs)
  if (path?.told !== undefined && isInternal && path.told.by.localAs === path.told.by.peerAs) {
    if (neighbour.clientOf === undefined && path.told.by.clientOf === undefined) return 'rejected'
  }
  return passes(neighbour.export, route) ? 'accepted' : 'filtered'
}

function passes(filter: readonly FilterStatement[], route: BirdRoute): boolean {
  return runFilter(filter, filterRoute(route)).verdict === 'accept'
}

/** A route as filters see it. */
function filterRoute({ prefix, source, to, path, route }: BirdRoute): FilterRoute {
  if (path !== undefined) return path.route
  const dev = to.kind === 'device' || to.kind === 'router' ? to.dev : undefined
  return {
    prefix,
    source,
    ...(dev === undefined ? {} : { interface: dev }),
    ...(route?.metric === undefined ? {} : { metric: route.metric }),
  }
}

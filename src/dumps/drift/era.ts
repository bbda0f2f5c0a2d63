import { isAssumedRelease } from '../../control/index.ts'
import type { Namespace, Route } from '../../model/index.ts'
import type { Contrast } from '../objects/compared.ts'
import { hasChainsOf } from './chains.ts'
import type { Guess } from './finding.ts'
import { isHostEnd, isTunnelName, routesIn, type Scene } from './scene.ts'

/** What a machine shows that tells releases apart. */
interface Sight {
  readonly routes: readonly Route[]
  readonly ns: Namespace
  /** The machine's own blocks in VXLAN pools. */
  readonly ownBlocks: ReadonlySet<string>
}

/** A mark of releases. Where `shows` says nothing, the machine has nothing that could bear it. */
interface Mark {
  /** It is there. */
  readonly shows: (sight: Sight) => boolean | undefined
  /** First minor release with it. */
  readonly from: number
  /** First minor release that has it always; absent: the same. */
  readonly always?: number
  /** Its words, and those of its absence. */
  readonly yes: string
  readonly no: string
  /** The differences that it explains. */
  readonly explains: (one: Contrast) => boolean
}

const MARKS: readonly Mark[] = [
  {
    shows: ({ routes, ns }) => allOf(podRoutesOf(routes, ns), ({ metric }) => metric === 1024),
    from: 32,
    yes: 'routes of pods have metric 1024',
    no: 'routes of pods have no metric',
    explains: () => false,
  },
  {
    shows: ({ routes }) => allOf(vxlanRoutes(routes), ({ mtu }) => mtu !== undefined),
    from: 31,
    yes: 'routes into the tunnel carry an MTU',
    no: 'routes into the tunnel carry no MTU',
    explains: (one) => differsOnlyIn(one, ['mtu']),
  },
  {
    shows: ({ routes }) =>
      allOf(
        routes.filter(({ dev, protocol }) => dev === 'tunl0' && (protocol === '80' || protocol === 'bird')),
        ({ protocol }) => protocol === '80',
      ),
    from: 31,
    always: 33,
    yes: 'routes into tunl0 are of Felix (proto 80)',
    no: 'routes into tunl0 are of BIRD (proto bird)',
    explains: (one) => differsOnlyIn(one, ['protocol', 'mtu']) || isBlackhole(one),
  },
  {
    shows: ({ ns }) => poolSet(ns),
    from: 33,
    yes: 'the set of the pools is called network-ip-pools',
    no: 'the set of the pools is called all-ipam-pools',
    explains: ({ expected, found }) =>
      [expected, found].some(
        (one) => one?.entry.of === 'ipset' && /(all|network)-ip(am)?-pools$/.test(one.entry.set.name),
      ),
  },
  {
    shows: ({ ns }) => isLastHook(ns),
    from: 29,
    yes: 'cali-POSTROUTING is the last rule of nat POSTROUTING',
    no: 'cali-POSTROUTING is the first rule of nat POSTROUTING',
    explains: () => false,
  },
  {
    shows: ({ routes, ownBlocks }) =>
      routes.some(({ dst, type, protocol }) => type === 'blackhole' && protocol === '80' && ownBlocks.has(dst))
        ? true
        : undefined,
    from: 20,
    yes: 'Felix blackholes the own block of a VXLAN pool',
    no: '',
    explains: isBlackhole,
  },
  {
    shows: ({ ns }) => (Object.values(ns.interfaces).some(isOwnBroadcast) ? false : undefined),
    from: 20,
    yes: '',
    no: 'the address of the tunnel is its own broadcast address',
    explains: isBlackhole,
  },
]

function allOf<T>(list: readonly T[], holds: (one: T) => boolean): boolean | undefined {
  const count = list.filter(holds).length
  if (list.length === 0 || (count > 0 && count < list.length)) return undefined
  return count > 0
}

/** Routes that the pods' host ends have; only IPv4, since those of IPv6 always have a metric. */
function podRoutesOf(routes: readonly Route[], { interfaces }: Namespace): Route[] {
  return routes.filter(
    ({ dev, family, protocol }) =>
      family === 'inet' && protocol !== 'kernel' && isHostEnd(dev) && interfaces[dev ?? ''] !== undefined,
  )
}

function vxlanRoutes(routes: readonly Route[]): Route[] {
  return routes.filter(({ dev, protocol }) => dev === 'vxlan.calico' && protocol !== 'kernel' && protocol !== 'bird')
}

function poolSet({ ipsets = {} }: Namespace): boolean | undefined {
  const [before, since] = [ipsets['cali40all-ipam-pools'], ipsets['cali40network-ip-pools']]
  if (before !== undefined && since !== undefined) return undefined
  return before === undefined && since === undefined ? undefined : since !== undefined
}

function isLastHook({ iptables }: Namespace): boolean | undefined {
  const rules = iptables?.tables.nat?.chains['POSTROUTING']?.rules ?? []
  const at = rules.findIndex(({ target }) => target?.kind === 'jump' && target.chain === 'cali-POSTROUTING')
  if (at < 0 || rules.length < 2) return undefined
  if (at === 0) return false
  return at === rules.length - 1 ? true : undefined
}

function isOwnBroadcast({ name, addresses }: Namespace['interfaces'][string]): boolean {
  return isTunnelName(name) && addresses.some(({ local, broadcast }) => broadcast === local)
}

function isBlackhole(one: Contrast): boolean {
  const { wanted, there } = routesIn(one)
  return one.kind !== 'changed' && (wanted ?? there)?.type === 'blackhole'
}

/** Whether two routes are the same but for some of their fields. */
export function differsOnlyIn(one: Contrast, fields: readonly ('protocol' | 'mtu' | 'src')[]): boolean {
  const { wanted, there } = routesIn(one)
  if (wanted === undefined || there === undefined) return false
  const left = (['protocol', 'mtu', 'src'] as const).filter((field) => !fields.includes(field))
  return sameHops(wanted, there) && left.every((field) => wanted[field] === there[field])
}

/** Whether two routes lead the same way. */
function sameHops(a: Route, b: Route): boolean {
  const hops = (route: Route): string =>
    (route.nexthops ?? [route])
      .map(({ via, dev }) => `${via ?? ''} ${route.type === 'unicast' ? (dev ?? '') : ''}`)
      .sort()
      .join()
  return a.type === b.type && hops(a) === hops(b)
}

/** A machine that tells another release than the one it is taken for. */
export interface OtherRelease {
  readonly guess: Guess
  readonly explains: (one: Contrast) => boolean
}

/**
 * Whether the marks of a machine are those of another release; undefined where they are not. A mark that the settings of the objects
 * bring about in the assumed release too says nothing.
 */
export function otherRelease(scene: Scene): OtherRelease | undefined {
  const { cluster, netns, routes, derived, dumped } = scene
  const ownBlocks = new Set<string>(
    cluster.destinations.flatMap(({ dst, owner, pool }) => (owner === netns && pool.vxlan !== 'Never' ? [dst] : [])),
  )
  const told = MARKS.flatMap((mark) => {
    const there = mark.shows({ routes: dumped.routes, ns: dumped, ownBlocks })
    const wanted = mark.shows({ routes, ns: derived, ownBlocks })
    return there === undefined ? [] : [{ mark, there, differs: there !== wanted }]
  })
  const { minor } = cluster.settings.version
  const other = told.filter(
    ({ mark, there, differs }) => differs && (there ? minor < mark.from : minor >= (mark.always ?? mark.from)),
  )
  if (other.length === 0) return undefined
  const from = Math.max(0, ...told.filter(({ there }) => there).map(({ mark }) => mark.from))
  const before = Math.min(
    ...told.filter(({ there }) => !there).map(({ mark }) => mark.always ?? mark.from),
    Number.POSITIVE_INFINITY,
  )
  const words = other.map(({ mark, there }) => (there ? mark.yes : mark.no)).join(', ')
  const { version } = cluster.settings
  const hasRules = hasChainsOf(dumped, 'felix')
  const objects = isAssumedRelease(version)
    ? `No object says the release, ${version.text} was assumed`
    : `${version.text} was expected, as the objects or --calico-version say`
  const seen = `The machine tells ${rangeText(from, before)}: ${words}. ${objects}`
  return {
    guess: { cause: 'other_release', subject: rangeText(from, before), seen },
    explains: (one) =>
      told.some(({ mark, differs }) => differs && mark.explains(one)) || (hasRules && isOfRelease(one)),
  }
}

/** Names and content of Felix' chains change from release to release, and which sets there are though nothing is in them. */
function isOfRelease({ kind, expected, found }: Contrast): boolean {
  const entry = (expected ?? found)?.entry
  if (entry?.of === 'ipset') return kind === 'missing' && entry.set.members.length === 0
  if (entry?.of !== 'chain' || !entry.chain.chain.startsWith('cali-') || entry.chain.isHook) return false
  return !/^cali-((tw|fw|sm|th|fh|thfw|fhfw)-|(to|from)-wl-dispatch)/.test(entry.chain.chain) || kind === 'changed'
}

function rangeText(from: number, before: number): string {
  if (from >= before) return 'parts of several releases'
  if (before === Number.POSITIVE_INFINITY) return `v3.${from} or newer`
  if (from === 0) return `v3.${before - 1} or older`
  return from === before - 1 ? `v3.${from}` : `v3.${from} to v3.${before - 1}`
}

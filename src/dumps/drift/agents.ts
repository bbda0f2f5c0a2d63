import { type Route, tableId } from '../../model/index.ts'
import type { Contrast } from '../objects/compared.ts'
import { hasChainsOf, writerOf } from './chains.ts'
import type { Guess } from './finding.ts'
import { isBy, isTunnelName, routesIn, type Scene } from './scene.ts'

/** What of the differences follows from something that is missing in whole: undefined where one does not. */
export type Absence = (one: Contrast) => Guess | undefined

/** Agents of which nothing is there, sessions by which nothing came, and rules that are all gone. */
export function absences(scene: Scene, contrasts: readonly Contrast[]): Absence[] {
  const felix = felixAbsent(scene, contrasts)
  return [
    ...(felix === undefined ? flushed(scene) : [felix]),
    ...birdAbsent(scene, contrasts),
    ...kubeProxyAbsent(scene),
  ]
}

function felixAbsent({ routes, derived, dumped }: Scene, contrasts: readonly Contrast[]): Absence | undefined {
  const expected = routes.filter((route) => isWrittenBy(route, 'felix'))
  const missing = contrasts.filter((one) => one.kind === 'missing' && one.table === 'route' && isBy(one, 'felix'))
  if (expected.length === 0 || missing.length < expected.length) return undefined
  const hasTunnel = Object.values(dumped.interfaces).some(({ name, up }) => isTunnelName(name) && up)
  const saysRules = dumped.iptables !== undefined && hasChainsOf(derived, 'felix')
  if (hasTunnel || hasChainsOf(dumped, 'felix') || (expected.length < 2 && !saysRules)) return undefined
  const seen = `none of ${expected.length} route${expected.length === 1 ? '' : 's'}${saysRules ? ', no chain cali-*' : ''} and no tunnel of Felix is there`
  const guess: Guess = { cause: 'felix_not_running', seen }
  return (one) => (isFelixAbsence(one) ? guess : undefined)
}

/** What Felix writes when it starts: all but what BIRD, the CNI plugin and kube-proxy do. */
function isFelixAbsence(one: Contrast): boolean {
  if (one.table === 'rule' || one.kind === 'extra') return false
  if (isBy(one, 'bird') || isBy(one, 'cni') || isOfKubeProxy(one)) return false
  return one.kind === 'missing' || one.table === 'sysctl'
}

function flushed({ derived, dumped }: Scene): Absence[] {
  if (dumped.iptables === undefined || !hasChainsOf(derived, 'felix') || hasChainsOf(dumped, 'felix')) return []
  const guess: Guess = { cause: 'rules_flushed', seen: 'Felix’ routes are there and no chain cali-* is' }
  return [(one) => (one.table === 'chain' && !isOfKubeProxy(one) ? guess : undefined)]
}

function kubeProxyAbsent({ derived, dumped }: Scene): Absence[] {
  if (dumped.iptables === undefined || !hasChainsOf(derived, 'kube-proxy') || hasChainsOf(dumped, 'kube-proxy'))
    return []
  return [(one) => (isOfKubeProxy(one) ? { cause: 'kube_proxy_not_running' } : undefined)]
}

function isOfKubeProxy({ expected, found }: Contrast): boolean {
  const entry = (expected ?? found)?.entry
  return entry?.of === 'chain' && writerOf(entry.chain.chain) === 'kube-proxy'
}

function birdAbsent(scene: Scene, contrasts: readonly Contrast[]): Absence[] {
  const { routes, dumped, ownerOf } = scene
  const expected = routes.filter((route) => isWrittenBy(route, 'bird'))
  const missing = contrasts.filter((one) => one.kind === 'missing' && one.table === 'route' && isBy(one, 'bird'))
  if (missing.length === 0) return []
  const isMissing = new Set(missing)
  if (missing.length === expected.length && !dumped.routes.some(({ protocol }) => protocol === 'bird')) {
    const guess: Guess = { cause: 'bird_not_running', seen: `none of ${count(expected.length)} of BIRD is there` }
    return [(one) => (isMissing.has(one) ? guess : undefined)]
  }
  const lost = lostPeers(expected, missing, ownerOf)
  const peers = new Set(expected.filter(isLearned).map(({ dst }) => ownerOf(dst) ?? ''))
  const isAll = lost.size === peers.size && peers.size > 1
  const seen = `BIRD’s own routes are there, and none of ${peers.size} nodes`
  return [
    (one) => {
      const subject = isMissing.has(one) ? peerOf(one, ownerOf) : ''
      if (!lost.has(subject)) return undefined
      return isAll ? { cause: 'no_bgp_session', seen } : { cause: 'bgp_session_down', subject }
    },
  ]
}

/** Nodes of which no route is there. */
function lostPeers(
  expected: readonly Route[],
  missing: readonly Contrast[],
  ownerOf: Scene['ownerOf'],
): ReadonlySet<string> {
  const gone = new Set(missing.map((one) => routesIn(one).wanted))
  const peers = new Set(missing.map((one) => peerOf(one, ownerOf)).filter((peer) => peer !== ''))
  const dsts = new Set([...gone].map((route) => route?.dst))
  for (const route of expected) if (isLearned(route) && !dsts.has(route.dst)) peers.delete(ownerOf(route.dst) ?? '')
  return peers
}

function peerOf(one: Contrast, ownerOf: Scene['ownerOf']): string {
  const { wanted } = routesIn(one)
  return wanted !== undefined && isBy(one, 'bird') && isLearned(wanted) ? (ownerOf(wanted.dst) ?? '') : ''
}

/** From another node, not the own block. */
function isLearned({ type }: Route): boolean {
  return type === 'unicast'
}

function isWrittenBy({ origin, protocol, table }: Route, component: 'felix' | 'bird'): boolean {
  return origin?.component === component && protocol !== 'kernel' && tableId(table) !== tableId('local')
}

function count(routes: number): string {
  return routes === 1 ? '1 route' : `${routes} routes`
}

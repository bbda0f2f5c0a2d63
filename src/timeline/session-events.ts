import type { Resources } from '../control/index.ts'
import type { BgpEvent } from './bgp/bgp-events.ts'
import type { NodeState, ProgramState } from './follower-state.ts'
import { listsThatDiffer, type Revision } from './revision.ts'
import type { RunningState } from './running-state.ts'
import type { HandWays } from './tried-ways.ts'

/** Lists of objects that sessions are configured from. */
const CONFIGURING: ReadonlySet<keyof Resources> = new Set([
  'nodes',
  'bgpConfigurations',
  'bgpPeers',
  'configMaps',
  'daemonSets',
  'installations',
  'underlays',
])

/** What befell BGP sessions between two states of programs. */
export function sessionEvents(before: RunningState, after: RunningState): BgpEvent[] {
  return [...wayEvents(before, after), ...machineEvents(before, after), ...nodeEvents(before, after)]
}

/** Ways for TCP that are closed or open with other objects, or by hand. */
function wayEvents(before: RunningState, after: RunningState): BgpEvent[] {
  const [old, fresh] = [before.newest.cluster.bgpFaults, after.newest.cluster.bgpFaults]
  const [oldWays, ways] = [before.edits.ways, after.edits.ways]
  if (old === fresh && oldWays === ways) return []
  const of = (byHand: HandWays, faults: ReadonlyMap<string, string>, key: string): string | null => {
    const own = byHand.get(key)
    return own === undefined ? (faults.get(key) ?? null) : own
  }
  return [...new Set([...old.keys(), ...fresh.keys(), ...oldWays.keys(), ...ways.keys()])].flatMap(
    (key): BgpEvent[] => {
      const [family, a, b] = key.split(' ') as [string, string, string]
      const words = of(ways, fresh, key)
      if (a > b || words === of(oldWays, old, key)) return []
      return [{ kind: 'way', a, b, family: family === '4' ? 4 : 6, words }]
    },
  )
}

/** Machines that went off or on; a program that ends with its machine tells nobody. */
function machineEvents({ machines: was }: RunningState, { machines }: RunningState): BgpEvent[] {
  if (was === machines) return []
  return [...new Set([...was.keys(), ...machines.keys()])].flatMap((node): BgpEvent[] => {
    const [before, now] = [was, machines].map((all) => all.get(node)?.phase === 'off')
    return before === now ? [] : [{ kind: 'machine', node, action: now === true ? 'off' : 'on' }]
  })
}

function nodeEvents(before: RunningState, after: RunningState): BgpEvent[] {
  const events: BgpEvent[] = []
  const configured = new Map<Revision, string[]>()
  const compare = (names: () => readonly string[], was: NodeState, fresh: NodeState): void => {
    if (was === fresh) return
    const action = actionBetween(was.programs.bird.state, fresh.programs.bird.state)
    if (action !== undefined) events.push(...names().map((node): BgpEvent => ({ kind: 'bird', node, action })))
    const { bird } = fresh.parts
    if (bird !== null && isReconfigured(was.parts.bird, bird)) {
      configured.set(bird, [...(configured.get(bird) ?? []), ...names()])
    }
  }
  if (before.nodes !== after.nodes) {
    for (const [name, node] of after.nodes) compare(() => [name], before.nodes.get(name) ?? before.cohort, node)
  }
  const others = (): readonly string[] =>
    after.newest.cluster.nodes.flatMap(({ name }) => (after.nodes.has(name) ? [] : [name]))
  compare(others, before.cohort, after.cohort)
  for (const [{ cluster }, at] of configured) {
    const isEverywhere = at.length === after.newest.cluster.nodes.length
    const where = isEverywhere ? {} : { at }
    events.unshift({ kind: 'configured', plan: cluster.bgp, nodes: cluster.nodes, ...where })
  }
  return events
}

/** Whether confd writes another configuration, as far as sessions are concerned. */
function isReconfigured(was: Revision | null, fresh: Revision): boolean {
  // A machine that was off knows nothing of what it was configured with.
  if (was === null) return true
  if (was === fresh || was.cluster.bgp === fresh.cluster.bgp) return false
  return listsThatDiffer(was.resources, fresh.resources).some((list) => CONFIGURING.has(list))
}

function actionBetween(was: ProgramState, now: ProgramState): 'start' | 'stop' | 'kill' | undefined {
  const [ran, runs] = [isUp(was), isUp(now)]
  if (ran === runs) return undefined
  if (runs) return 'start'
  return now === 'killed' ? 'kill' : 'stop'
}

function isUp(state: ProgramState): boolean {
  return state === 'running' || state === 'cut'
}

import type { Cable, Namespace, Route } from '../../model/index.ts'
import { internetNamespace, type Uplink, uplinkCable } from './internet.ts'
import { loopbackOf, machineInterface, machineRoutes, plainNamespace } from './machine.ts'
import type { OwnedRange } from './outside.ts'
import type { PlannedMachine, PlannedSegment, UnderlayPlan } from './plan.ts'
import { routerNamespace, routersOf } from './router.ts'
import { Switch } from './switch.ts'

const NONE: readonly never[] = []

/** Namespaces and wires under the cluster, apart from the nodes themselves. */
export interface Underlay {
  /** Switches, routers, internet, and machines that are no Kubernetes nodes. */
  readonly namespaces: readonly Namespace[]
  /** Cables. */
  readonly wires: readonly Cable[]
}

/** Gives out names that nobody else has. */
class Names {
  private readonly taken: Set<string>

  constructor(taken: Iterable<string>) {
    this.taken = new Set(taken)
  }

  free(wanted: string): string {
    let name = wanted
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}-${i}`
    this.taken.add(name)
    return name
  }
}

function hostNamespace(machine: PlannedMachine): Namespace {
  const devices = machine.interfaces.map((dev, i) => machineInterface(dev, i + 2))
  return plainNamespace({
    name: machine.name,
    role: 'host',
    devices,
    lo: loopbackOf(machine),
    routes: machineRoutes(machine, devices, false),
    rules: machine.rules ?? NONE,
    sysctls: machine.sysctls ?? {},
    origin: machine.origin,
  })
}

/**
 * The machines' surroundings: a switch for every segment, routers that join them and lead to an internet that answers,
 * and machines of the Underlay that are no Kubernetes nodes.
 *
 * @param nodes - names of the Kubernetes nodes; their namespaces are built elsewhere
 * @param owned - ranges the internet does not have: pools, and addresses that somebody in the input has
 * @param learned - routes that described routers learn by BGP
 */
export function buildUnderlay(
  plan: UnderlayPlan,
  nodes: ReadonlySet<string>,
  seed: number,
  owned: readonly OwnedRange[] = NONE,
  learned: ReadonlyMap<string, readonly Route[]> = new Map(),
): Underlay {
  const described = (plan.routers ?? NONE).map(({ name }) => name)
  const names = new Names([...nodes, ...plan.machines.keys(), ...described])
  const free = (wanted: string): string => names.free(wanted)
  const switches = new Map<PlannedSegment, Switch>()
  for (const segment of plan.segments) {
    switches.set(segment, new Switch(free(`switch-${segment.name}`), segment, seed))
  }
  const plug = (machine: PlannedMachine): void => {
    for (const dev of machine.interfaces) if (dev.segment) switches.get(dev.segment)?.plug(machine.name, dev)
  }
  for (const machine of plan.machines.values()) plug(machine)
  const routers = routersOf(plan, free, seed)
  for (const { router } of routers) plug(router)
  const uplinks = routers.flatMap(({ uplink }): Uplink[] => (uplink ? [uplink] : []))
  const internet = uplinks.length > 0 ? free('internet') : undefined
  const list = [...switches.values()]
  const hosts = [...plan.machines.values()].filter(({ name }) => !nodes.has(name))
  return {
    namespaces: [
      ...list.map((each) => each.namespace()),
      ...hosts.map(hostNamespace),
      ...routers.map((part) => routerNamespace(part, owned, learned.get(part.router.name))),
      ...(internet === undefined ? NONE : [internetNamespace(internet, uplinks)]),
    ],
    wires: [
      ...list.flatMap((each) => each.wires),
      ...(internet === undefined ? NONE : uplinks.map((uplink) => uplinkCable(uplink, internet))),
    ],
  }
}

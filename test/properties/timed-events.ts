// What happens to a cluster over time, drawn as numbers and read against what is there: so any sequence of it can be shortened.
//
// Left out: blocks, affinities and handles that somebody writes by hand, whose contradictions stay (ipam.md §11); what users change on
// machines, which is no object (test/timeline/resync.test.ts); Calico's removal, which leaves on machines what it wrote
// (test/timeline/scenes/removal.test.ts); cables and MTUs, which are changed by hand as well.
import fc from 'fast-check'
import {
  collectResources,
  type KnownResource,
  type ObjectReference,
  type OtherResource,
  type Resources,
} from '../../src/control/index.ts'
import type { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import type { Agent, AgentAction, ClusterEvent, MachineAction } from '../../src/timeline/index.ts'
import { ipv4ToNumber, numberToIpv4 } from '../../src/wire/index.ts'
import { object } from '../control/cluster-objects.ts'
import { drawnEdit, type EditDraw, editDraws } from './cluster-edits.ts'

const NODE_AGENTS: readonly Agent[] = ['felix', 'bird', 'confd', 'kube-proxy', 'kubelet']
const CLUSTER_AGENTS: readonly Agent[] = [
  'api-server',
  'typha',
  'scheduler',
  'kube-controller-manager',
  'calico-kube-controllers',
]
const ACTIONS: readonly AgentAction[] = ['stop', 'kill', 'start', 'restart', 'cut', 'heal']
const MACHINE: readonly MachineAction[] = ['shutdown', 'crash', 'start', 'reboot']

/** Kinds of events beside edits of what clusters are drawn with. */
const OTHERS = [
  'agent',
  'agent',
  'agent',
  'machine',
  'machine',
  'same',
  'slice',
  'no-slice',
  'peer',
  'no-peer',
  'felix-field',
  'host-endpoint',
  'network-set',
  'deployment',
  'scale',
  'cordon',
  'node-alone',
  'machine-of-its-own',
  'node-back',
  'node-back',
  'force-delete',
  'force-delete',
] as const

/** What an event is drawn as. */
export type EventDraw = (
  | EditDraw
  | { readonly kind: (typeof OTHERS)[number]; readonly a: number; readonly b: number }
) & {
  /** Which of the times that may pass before the next one. */
  readonly gap: number
}

/** Times between two events, in seconds: within the delays of programs, beyond them, and beyond BGP's timers. */
const GAPS = [0, 0.01, 0.08, 0.3, 1, 4, 15, 70, 300]

/** Events. */
export function eventDraws(): fc.Arbitrary<EventDraw> {
  const other = fc.record({ kind: fc.constantFrom(...OTHERS), a: fc.nat(1000), b: fc.nat(1000) })
  return fc
    .tuple(fc.oneof(editDraws(), other), fc.nat(GAPS.length - 1))
    .map(([draw, gap]) => ({ ...draw, gap }) as EventDraw)
}

/** How long nothing happens after an event, in seconds. */
export function gapAfter({ gap }: EventDraw): number {
  return GAPS[gap]!
}

const at = <T>(list: readonly T[], place: number): T | undefined => list[place % Math.max(1, list.length)]
const APPS = ['web', 'db', 'cache']

function referenceOf({ kind, metadata: { name, namespace } }: OtherResource): ObjectReference {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

const apply = (...objects: readonly KnownResource[]): ClusterEvent[] => {
  const lists = Object.entries(collectResources(objects)).filter(([, list]) => list.length > 0)
  return [{ kind: 'apply', objects: Object.fromEntries(lists) }]
}
const remove = (...objects: readonly (OtherResource | undefined)[]): ClusterEvent[] => {
  const those = objects.filter((one) => one !== undefined)
  return those.length === 0 ? [] : [{ kind: 'delete', objects: those.map(referenceOf) }]
}
function nodeOf(name: string, address: string): KnownResource {
  const [ip] = address.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': address } },
    status: { addresses: [{ type: 'InternalIP', address: ip }] },
  } as KnownResource
}

/** The events a draw stands for among the objects of now; `turn` makes names of what is new. */
export function drawnEvents(now: Resources, draw: EventDraw, turn: number): readonly ClusterEvent[] {
  const { kind, a, b } = draw
  const oneNode = at(now.nodes, b)
  const node = oneNode?.metadata.name
  const app = at(APPS, a)!
  switch (kind) {
    case 'agent': {
      const isOfNode = a % 3 !== 0
      const agent = at(isOfNode ? NODE_AGENTS : CLUSTER_AGENTS, Math.floor(a / 3))!
      const where = isOfNode && b % 4 !== 0 && node !== undefined ? { node } : {}
      return [{ kind: 'agent', agent, action: at(ACTIONS, b)!, ...where }]
    }
    case 'machine':
      return node === undefined ? [] : [{ kind: 'machine', node, action: at(MACHINE, a)! }]
    case 'same':
      return []
    case 'slice': {
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `bare-${a % 2}`, namespace: 'default' },
        spec: { clusterIP: `10.96.8.${(a % 2) + 1}`, ports: [{ port: 80 }] },
      } as unknown as KnownResource
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: `bare-${a % 2}`,
          namespace: 'default',
          labels: { 'kubernetes.io/service-name': `bare-${a % 2}` },
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: [`192.0.2.${(b % 3) + 1}`] }],
        ports: [{ name: '', port: 80, protocol: 'TCP' }],
      } as unknown as KnownResource
      return apply(service, slice)
    }
    case 'no-slice':
      return remove(at(now.endpointSlices, a))
    case 'peer':
      return apply(
        object('BGPPeer', `drawn-${a % 2}`, {
          nodeSelector: b % 2 === 0 ? 'all()' : `app == '${app}'`,
          peerSelector: b % 3 === 0 ? 'all()' : "role == 'reflector'",
        }),
      )
    case 'no-peer':
      return remove(at(now.bgpPeers, a))
    case 'felix-field': {
      const spec = [
        { chainInsertMode: 'Append' },
        { ipipMTU: 1300, vxlanMTU: 1300 },
        { natPortRange: '32768:65535' },
        { wireguardEnabled: true },
        {},
      ][a % 5]!
      return apply(object('FelixConfiguration', b % 3 === 0 && node !== undefined ? `node.${node}` : 'default', spec))
    }
    case 'host-endpoint':
      return node === undefined
        ? []
        : apply(object('HostEndpoint', `drawn-${a % 2}`, { node, interfaceName: b % 2 ? '*' : 'eth0' }))
    case 'network-set':
      return apply(object('GlobalNetworkSet', 'drawn', { nets: b % 2 ? ['192.0.2.0/24'] : ['198.51.100.0/24'] }))
    case 'deployment':
    case 'scale':
      return apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'drawn', namespace: 'default' },
        spec: {
          replicas: b % 4,
          selector: { matchLabels: { app } },
          template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'c' }] } },
        },
      } as unknown as KnownResource)
    case 'cordon':
      return oneNode === undefined
        ? []
        : apply({ ...oneNode, spec: { ...oneNode.spec, unschedulable: a % 2 === 0 } } as KnownResource)
    case 'machine-of-its-own': {
      const [underlay] = now.underlays
      const like = underlay?.spec.nodes?.find(({ name }) => name === node)
      const address = like?.interfaces?.[0]?.address
      if (underlay === undefined || like === undefined || address === undefined) return []
      const [, length] = address.split('/')
      // Within the same segment, whatever its size.
      const own = `${numberToIpv4((ipv4ToNumber(address.split('/')[0] as never) ^ (1 + (a % 7))) >>> 0)}/${length}`
      const { mac: _, addresses: _six, ...card } = like.interfaces![0]! as { mac?: string; addresses?: unknown }
      const machine = { ...like, name: `extra-${turn}`, interfaces: [{ ...card, address: own }] }
      const spec = { ...underlay.spec, nodes: [...underlay.spec.nodes!, machine] }
      return [...apply({ ...underlay, spec } as KnownResource), ...apply(nodeOf(`extra-${turn}`, own))]
    }
    case 'node-back': {
      const machines = now.underlays[0]?.spec.nodes ?? []
      const gone = machines.filter(({ name }) => !now.nodes.some(({ metadata }) => metadata.name === name))
      const machine = at(gone, a)
      const card = machine?.interfaces?.[0] as { address?: string; addresses?: readonly string[] } | undefined
      const address = card?.address ?? card?.addresses?.[0]
      return machine === undefined || address === undefined ? [] : apply(nodeOf(machine.name, address))
    }
    case 'force-delete': {
      const pod = at(
        now.pods.filter(({ spec }) => spec.nodeName !== undefined),
        b,
      )
      if (pod === undefined) return []
      const { nodeName } = pod.spec
      const stop = { kind: 'agent', agent: 'kubelet', action: a % 2 === 0 ? 'stop' : 'cut', node: nodeName! } as const
      const told = { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 0 } }
      return [...(a % 3 === 0 ? [] : [stop]), ...apply(told), ...remove(pod)]
    }
    case 'node-alone':
      return now.nodes.length < 3 ? [] : remove(oneNode)
    default: {
      const edit = drawnEdit(now, draw as EditDraw, turn)
      if (edit === undefined) return []
      const { upserts, removals = [] } = edit
      return [
        ...remove(...(removals as readonly OtherResource[])),
        ...(upserts === undefined ? [] : [{ kind: 'apply', objects: upserts } as const]),
      ]
    }
  }
}

/** Lets events happen. @returns what was refused */
export function happen(lab: Lab, events: readonly ClusterEvent[]): readonly string[] {
  return events.flatMap((event) => {
    try {
      lab.occur(event)
      return []
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return [error.message]
    }
  })
}

/** What there is from the beginning, so that more can be taken away. */
export const FIRST: readonly KnownResource[] = ['web', 'db'].map(
  (app) =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `first-${app}`, namespace: 'default' },
      spec: { clusterIP: `10.96.9.${app.length}`, selector: { app }, ports: [{ port: 80 }] },
    }) as unknown as KnownResource,
)

/** What was taken away from programs and machines is given back. */
export function mend(lab: Lab): void {
  happen(lab, [
    { kind: 'agent', agent: 'api-server', action: 'heal' },
    { kind: 'agent', agent: 'api-server', action: 'start' },
  ])
  // A machine that is still ending does not start.
  lab.quiet()
  for (const { metadata } of lab.objects!.nodes)
    happen(lab, [{ kind: 'machine', node: metadata.name, action: 'start' }])
  lab.quiet()
  for (const action of ['heal', 'start'] as const) {
    for (const agent of [...CLUSTER_AGENTS, ...NODE_AGENTS]) happen(lab, [{ kind: 'agent', agent, action }])
    for (const { metadata } of lab.objects!.nodes) {
      for (const agent of NODE_AGENTS) happen(lab, [{ kind: 'agent', agent, node: metadata.name, action }])
    }
  }
  lab.quiet()
}

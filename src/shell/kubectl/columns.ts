import type {
  EndpointSliceResource,
  LabelSelector,
  NodeResource,
  OtherResource,
  PodResource,
  ServiceResource,
} from '../../control/index.ts'
import { ageOf, UNKNOWN } from './age.ts'
import type { ApiType } from './api.ts'
import {
  addressOf,
  nodeCells,
  none,
  pairs,
  podCells,
  selectorCell,
  serviceCells,
  some,
  wideNodeCells,
} from './cells.ts'
import { endpointCells } from './endpoints.ts'
import { lastSeen } from './events.ts'
import { listAt, mapAt, textAt, textsAt } from './object.ts'
import type { Seen } from './seen.ts'
import { containerCells, ownerOf, podCounts, selectorOf } from './workload.ts'

/** Columns of a type in `kubectl get`, without those of namespaces and labels. */
export interface Columns {
  readonly head: readonly string[]
  readonly cells: (one: OtherResource, seen: Seen) => readonly string[]
  /** Further columns of `-o wide`. */
  readonly wideHead: readonly string[]
  readonly wideCells: (one: OtherResource, seen: Seen) => readonly string[]
}

/** Columns of a type whose objects are of a type of ours. */
function columns<T extends OtherResource>(
  head: string,
  cells: (one: T, seen: Seen) => readonly string[],
  wideHead = '',
  wideCells: (one: T, seen: Seen) => readonly string[] = () => [],
): Columns {
  const words = (text: string): string[] => (text === '' ? [] : text.split(/ {2,}/))
  return {
    head: words(head),
    cells: (one, seen) => cells(one as T, seen),
    wideHead: words(wideHead),
    wideCells: (one, seen) => wideCells(one as T, seen),
  }
}

const name = ({ metadata }: OtherResource): string => metadata.name
const age = (one: OtherResource, { time }: Seen): string => ageOf(one, time)
const count = (fields: object): string => String(Object.keys(fields).length)

const PLAIN = columns('NAME  AGE', (one, seen) => [name(one), age(one, seen)])

/** @kubernetes kubernetes/pkg/printers/internalversion/printers.go AddHandlers */
const COLUMNS: Readonly<Record<string, Columns>> = {
  pods: columns<PodResource>(
    'NAME  READY  STATUS  RESTARTS  AGE',
    podCells,
    'IP  NODE  NOMINATED NODE  READINESS GATES',
    (pod, seen) => [addressOf(seen, pod), pod.spec.nodeName ?? '<none>', '<none>', '<none>'],
  ),
  nodes: columns<NodeResource>(
    'NAME  STATUS  ROLES  AGE  VERSION',
    nodeCells,
    'INTERNAL-IP  EXTERNAL-IP  OS-IMAGE  KERNEL-VERSION  CONTAINER-RUNTIME',
    wideNodeCells,
  ),
  services: columns<ServiceResource>(
    'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE',
    serviceCells,
    'SELECTOR',
    ({ spec }) => [none(pairs(spec.selector ?? {}))],
  ),
  endpoints: columns('NAME  ENDPOINTS  AGE', (one, seen) => [name(one), endpointCells(one), age(one, seen)]),
  endpointslices: columns<EndpointSliceResource>('NAME  ADDRESSTYPE  PORTS  ENDPOINTS  AGE', sliceCells),
  namespaces: columns('NAME  STATUS  AGE', (one, seen) => [
    name(one),
    one.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating',
    age(one, seen),
  ]),
  configmaps: columns('NAME  DATA  AGE', (one, seen) => [name(one), count(mapAt(one, 'data')), age(one, seen)]),
  secrets: columns('NAME  TYPE  DATA  AGE', (one, seen) => [name(one), UNKNOWN, UNKNOWN, age(one, seen)]),
  serviceaccounts: columns('NAME  SECRETS  AGE', (one, seen) => [
    name(one),
    String(listAt(one, 'secrets').length),
    age(one, seen),
  ]),
  deployments: columns(
    'NAME  READY  UP-TO-DATE  AVAILABLE  AGE',
    (one, seen) => {
      const { wanted, ready, updated } = podCounts(seen, one)
      return [name(one), `${ready}/${wanted}`, String(updated), String(ready), age(one, seen)]
    },
    'CONTAINERS  IMAGES  SELECTOR',
    (one) => [...containerCells(one), none(selectorCell(selectorOf(one)))],
  ),
  replicasets: columns(
    'NAME  DESIRED  CURRENT  READY  AGE',
    (one, seen) => {
      const { wanted, current, ready } = podCounts(seen, one)
      return [name(one), String(wanted), String(current), String(ready), age(one, seen)]
    },
    'CONTAINERS  IMAGES  SELECTOR',
    (one) => [...containerCells(one), none(selectorCell(selectorOf(one)))],
  ),
  statefulsets: columns(
    'NAME  READY  AGE',
    (one, seen) => {
      const { wanted, ready } = podCounts(seen, one)
      return [name(one), `${ready}/${wanted}`, age(one, seen)]
    },
    'CONTAINERS  IMAGES',
    containerCells,
  ),
  daemonsets: columns(
    'NAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE',
    (one, seen) => {
      const { wanted, current, ready, updated } = podCounts(seen, one)
      const where = none(pairs(textsAt(one, 'spec', 'template', 'spec', 'nodeSelector')))
      return [name(one), ...[wanted, current, ready, updated, ready].map(String), where, age(one, seen)]
    },
    'CONTAINERS  IMAGES  SELECTOR',
    (one) => [...containerCells(one), none(selectorCell(selectorOf(one)))],
  ),
  controllerrevisions: columns('NAME  CONTROLLER  REVISION  AGE', (one, seen) => [
    name(one),
    none(ownerWord(one)),
    textAt(one, 'revision') ?? '',
    age(one, seen),
  ]),
  'networkpolicies.networking.k8s.io': columns('NAME  POD-SELECTOR  AGE', (one, seen) => [
    name(one),
    none(selectorCell(mapAt(one, 'spec', 'podSelector') as LabelSelector)),
    age(one, seen),
  ]),
  adminnetworkpolicies: columns('NAME  PRIORITY  AGE', (one, seen) => [
    name(one),
    textAt(one, 'spec', 'priority') ?? '',
    age(one, seen),
  ]),
  clusternetworkpolicies: columns('NAME  TIER  PRIORITY  AGE', (one, seen) => [
    name(one),
    textAt(one, 'spec', 'tier') ?? '',
    textAt(one, 'spec', 'priority') ?? '',
    age(one, seen),
  ]),
  events: columns('LAST SEEN  TYPE  REASON  OBJECT  MESSAGE', (one, seen) => [
    lastSeen(one, seen.time),
    textAt(one, 'type') ?? '',
    textAt(one, 'reason') ?? '',
    `${(textAt(one, 'involvedObject', 'kind') ?? '').toLowerCase()}/${textAt(one, 'involvedObject', 'name') ?? ''}`,
    textAt(one, 'message') ?? '',
  ]),
}

/** The columns of a type. */
export function columnsOf({ plural, group }: ApiType): Columns {
  return COLUMNS[`${plural}.${group}`] ?? (Object.hasOwn(COLUMNS, plural) ? (COLUMNS[plural] as Columns) : PLAIN)
}

/** Whom an object belongs to: `daemonset.apps/calico-node`. */
function ownerWord(one: OtherResource): string {
  const owner = ownerOf(one)
  return owner === undefined ? '' : `${owner.kind.toLowerCase()}.apps/${owner.name}`
}

function sliceCells(slice: EndpointSliceResource, seen: Seen): string[] {
  const { metadata, addressType, ports = [], endpoints = [] } = slice
  const numbers = ports.map(({ port }) => String(port ?? '*'))
  const addresses = endpoints.flatMap((one) => one.addresses ?? [])
  return [
    metadata.name,
    addressType ?? 'IPv4',
    numbers.length === 0 ? '<unset>' : some(numbers, ','),
    endpoints.length === 0 ? '<unset>' : some(addresses, ','),
    age(slice, seen),
  ]
}

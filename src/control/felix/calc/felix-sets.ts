import { type Family, familyOf, parseIps, prefixAddress } from '../../../wire/index.ts'
import type { NamedPort } from '../../policy/host-endpoints.ts'
import type { CalicoRule } from '../../policy/kinds.ts'
import { outermost, rangeMembers } from '../../policy/members.ts'
import type { SetId } from '../../policy/model.ts'
import { policyRule } from '../../policy/policy-rule.ts'
import { portWord, protocolMatch } from '../../policy/protocol.ts'
import { type ServiceEndpoints, serviceMembers } from '../../policy/service-members.ts'
import { type PortProtocol, type SetSpec, setId } from '../../policy/set-spec.ts'
import type { OtherResource } from '../../resource.ts'
import { type Selector, selectsBy } from '../../selector.ts'
import type { LabelledAddresses } from './felix-endpoint.ts'
import { type FelixProfile, labelOf } from './felix-profile.ts'
import { fieldAt, listAt, type Raw, textAt, textsAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** A set of addresses that rules ask, with its members. */
export interface FelixSet {
  /** Id. */
  readonly id: SetId
  /** What is in it. */
  readonly spec: SetSpec
  /** Members, sorted as texts. */
  readonly members: readonly string[]
}

/** Where members come from. */
export interface MemberSources {
  /** Endpoints of all nodes, and sets of ranges. */
  readonly labelled: () => readonly LabelledAddresses[]
  /** Profiles. */
  readonly profiles: ReadonlyMap<string, FelixProfile>
  /** Endpoints of Services. */
  readonly objects: StoredObjects
  /** Ranges that lie in others are left out. */
  readonly joinsRanges: boolean
}

/** The sets that some rules of an object ask, added to those that are known. */
export function addSets(
  sets: Map<SetId, SetSpec>,
  rules: readonly CalicoRule[],
  resource: OtherResource,
  namespace: string | undefined,
): void {
  const setOf = (spec: SetSpec): SetId => {
    const id = setId(spec)
    sets.set(id, spec)
    return id
  }
  for (const rule of rules) policyRule({ rule, index: 1, path: [] }, { resource, namespace, setOf })
}

const FAMILIES: readonly Family[] = [4, 6]

function addressesOf(selector: Selector, sources: MemberSources): string[] {
  const nets = selected(selector, sources).flatMap((one) => one.nets)
  return FAMILIES.flatMap((family) => {
    const members = [
      ...new Set(nets.filter((net) => familyOf(net) === family).flatMap((net) => rangeMembers(net, family))),
    ]
    return sources.joinsRanges ? outermost(members, family) : members
  })
}

function selected(selector: Selector, { labelled, profiles }: MemberSources): LabelledAddresses[] {
  return labelled().filter((one) => selectsBy(selector, (label) => labelOf(label, one, profiles)))
}

function isMeant(port: NamedPort, name: string, protocol: PortProtocol): boolean {
  return port.name === name && (protocol === 'any' || portWord(protocolMatch(port.protocol)) === protocol)
}

function portMembers(selector: Selector, name: string, protocol: PortProtocol, sources: MemberSources): string[] {
  return selected(selector, sources).flatMap(({ nets, ports }) =>
    ports
      .filter((port) => isMeant(port, name, protocol))
      .flatMap((port) =>
        nets.map((net) => `${prefixAddress(net)},${portWord(protocolMatch(port.protocol))}:${port.port}`),
      ),
  )
}

/** The EndpointSlices of a datastore; names of hosts among their addresses are left out. */
function slicesOf(objects: StoredObjects): ServiceEndpoints {
  const slices = objects.of('EndpointSlice', 'kubernetes')
  const nameOf = (slice: Raw): string =>
    `${textAt(slice, 'metadata', 'namespace')}/${textAt(slice, 'metadata', 'labels', 'kubernetes.io/service-name')}`
  return {
    named: (service) =>
      slices
        .filter((slice) => nameOf(slice) === service)
        .map((slice) => ({
          addresses: listAt(slice, 'endpoints').flatMap((one) => parseIps(textsAt(one, 'addresses'))),
          ports: listAt(slice, 'ports').map(portOf),
        })),
  }
}

function portOf(one: unknown): { readonly protocol: string; readonly port?: number } {
  const [protocol, port] = [textAt(one, 'protocol').toLowerCase(), fieldAt(one, 'port')]
  return typeof port === 'number' ? { protocol, port } : { protocol }
}

function membersOf(spec: SetSpec, sources: MemberSources): string[] {
  switch (spec.kind) {
    case 'selector':
      return addressesOf(spec.selector.parsed, sources)
    case 'named-port':
      return portMembers(spec.selector.parsed, spec.port, spec.protocol, sources)
    case 'service':
      return FAMILIES.flatMap((family) =>
        serviceMembers(slicesOf(sources.objects), spec.service, spec.withPorts, family),
      )
  }
}

/** Sets with their members, by id. */
export function felixSets(specs: ReadonlyMap<SetId, SetSpec>, sources: MemberSources): readonly FelixSet[] {
  return [...specs]
    .map(([id, spec]) => ({ id, spec, members: [...new Set(membersOf(spec, sources))].sort() }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

import type { NoteParts } from '../../model/index.ts'
import type { Findings } from '../findings.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { BGP_CONFIGURATION_TABLE, BGP_PEER_TABLE } from './bgp-fields.ts'
import { calicoNodeEnvironment, type Variable } from './environment.ts'
import { FELIX_TABLE, FELIX_VARIABLES, fieldOfVariable } from './felix-fields.ts'
import { type FieldTable, isNear, noteField } from './field-use.ts'
import { CALICO_NETWORK_TABLE } from './installation-fields.ts'
import { isForeignVariable, VARIABLES } from './variables.ts'

const BETWEEN_NODES: NoteParts = { scope: { kind: 'between_nodes' } }

/** Names every field of `spec` that is not modelled or that nobody knows. */
function noteSpec(
  resource: OtherResource & { readonly spec: object },
  table: FieldTable,
  parts: NoteParts,
  findings: Findings,
): void {
  for (const [name, value] of Object.entries(resource.spec)) {
    noteField({ name, given: name, value, resource, path: ['spec', name] }, table, parts, findings)
  }
}

/** A `node.<name>` object concerns what comes through that node. */
function partsOf(resource: OtherResource): NoteParts {
  const { name } = resource.metadata
  return name.startsWith('node.') ? { scope: { kind: 'through', netns: [name.slice('node.'.length)] } } : {}
}

function noteVariable({ name, value, resource, path }: Variable, findings: Findings): void {
  const met = { given: name, value, resource, path }
  if (VARIABLES.has(name)) {
    noteField({ ...met, name }, VARIABLES, {}, findings)
    return
  }
  const field = name.toUpperCase().startsWith('FELIX_') ? fieldOfVariable(name) : undefined
  if (field !== undefined) {
    noteField({ ...met, name: field }, FELIX_TABLE, {}, findings)
    return
  }
  const known = new Map([...VARIABLES, ...FELIX_VARIABLES.map((variable) => [variable, { use: 'read' }] as const)])
  if (!isForeignVariable(name) || (isNear(name, VARIABLES) && name.length > 4)) {
    noteField({ ...met, name }, known, {}, findings)
  }
}

/** Names every setting of the objects and of calico-node's environment that asks for what is not built, or that nobody knows. */
export function noteSettings(resources: Resources, findings: Findings): void {
  for (const felix of resources.felixConfigurations) noteSpec(felix, FELIX_TABLE, partsOf(felix), findings)
  for (const bgp of resources.bgpConfigurations) noteSpec(bgp, BGP_CONFIGURATION_TABLE, BETWEEN_NODES, findings)
  noteCommunities(resources, findings)
  for (const peer of resources.bgpPeers) noteSpec(peer, BGP_PEER_TABLE, BETWEEN_NODES, findings)
  for (const installation of resources.installations) {
    for (const [name, value] of Object.entries(installation.spec.calicoNetwork ?? {})) {
      const path = ['spec', 'calicoNetwork', name]
      noteField({ name, given: name, value, resource: installation, path }, CALICO_NETWORK_TABLE, {}, findings)
    }
  }
  for (const variable of calicoNodeEnvironment(resources).values()) noteVariable(variable, findings)
}

/** Notes filters of what nodes learn by BGP. They act where a BGPPeer names them, never on the mesh. */
export function noteFilters(resources: Resources, findings: Findings): void {
  const filters = resources.bgpFilters
  const known = new Set(filters.map(({ metadata }) => metadata.name))
  const used = new Set<string>()
  for (const peer of resources.bgpPeers) {
    for (const [i, name] of (peer.spec.filters ?? []).entries()) {
      used.add(name)
      if (known.has(name)) continue
      const path = ['spec', 'filters', i]
      findings.note('bgp_filter', peer, path, `its BGPFilter ${name} is not in the input`, BETWEEN_NODES)
    }
  }
  for (const filter of filters.filter(({ metadata }) => !used.has(metadata.name)))
    findings.note('bgp_filter', filter, [], 'no BGPPeer names it, so it filters nothing', { effect: 'harmless' })
}

/** Communities that tell a speaker not to pass a route on; all others are marks that only others read. @rfc 1997 */
const KEEPS_ROUTES = /^65535:(65281|65282|65283)$/

/** Notes prefixes that nodes announce with a community by which reflectors and routers keep them to themselves. */
function noteCommunities(resources: Resources, findings: Findings): void {
  for (const bgp of resources.bgpConfigurations) {
    const { communities = [], prefixAdvertisements = [] } = bgp.spec
    const values = new Map(communities.map(({ name, value }) => [name, value]))
    for (const [i, { cidr, communities: given = [] }] of prefixAdvertisements.entries()) {
      const found = given
        .map((one) => values.get(one) ?? one)
        .find((one) => one !== undefined && KEEPS_ROUTES.test(one))
      if (found === undefined) continue
      const what = `${cidr} is announced with community ${found}, by which speakers do not pass a route on; that is not modelled`
      findings.note('bgp_field', bgp, ['spec', 'prefixAdvertisements', i], what, BETWEEN_NODES)
    }
  }
}

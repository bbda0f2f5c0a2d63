import { keptIn } from '../../model/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { enoughBits } from '../felix/rules/marks.ts'
import type { Findings } from '../findings.ts'
import type { FieldPath } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { FelixSettings, Settings } from './settings.ts'

const FIELD = 'iptablesMarkMask'

/** What set a node's mask, in the order in which Felix looks. */
function maskOf(
  node: string,
  { felixConfigurations }: Resources,
  { env }: Settings,
): [OtherResource, FieldPath] | undefined {
  const variable = [...env.values()].find(({ name }) => name.toUpperCase() === `FELIX_${FIELD.toUpperCase()}`)
  if (variable !== undefined) return [variable.resource, variable.path]
  const given = (name: string) =>
    felixConfigurations.find(({ metadata, spec }) => metadata.name === name && spec[FIELD] !== undefined)
  const found = given(`node.${node}`) ?? given('default')
  return found === undefined ? undefined : [found, ['spec', FIELD]]
}

/**
 * Names masks with too few bits: Felix ends itself over them at once, again and again, and programs nothing.
 *
 * @calico felix/dataplane/driver.go
 */
export function noteMarkMasks(
  resources: Resources,
  settings: Settings,
  nodes: readonly ClusterNode[],
  findings: Findings,
): void {
  const { dropMark } = settings.traits
  // Nodes without settings of their own share one object.
  const known = new Map<FelixSettings, boolean>()
  const fits = (felix: FelixSettings): boolean =>
    keptIn(known, felix, () => enoughBits(felix.rules.markMask, felix.wireguard || felix.wireguardV6, dropMark))
  const bySource = new Map<
    OtherResource,
    { readonly path: FieldPath; readonly mask: number; readonly names: string[] }
  >()
  for (const { name, felix } of nodes) {
    if (fits(felix)) continue
    const mask = felix.rules.markMask
    const [resource, path] = maskOf(name, resources, settings) ?? []
    if (resource === undefined || path === undefined) continue
    const found = bySource.get(resource)
    if (found === undefined) bySource.set(resource, { path, mask, names: [name] })
    else found.names.push(name)
  }
  for (const [resource, { path, mask, names }] of bySource) {
    const given = `0x${mask.toString(16)}`
    findings.warn('invalid', resource, path, `a mask with more bits: Felix ends itself over too few`, given)
    const what = `${FIELD} ${given} has too few bits, and Felix does not run: the usual mask is taken, as if it did`
    findings.note('felix_field', resource, path, what, { scope: { kind: 'through', netns: names } })
  }
}

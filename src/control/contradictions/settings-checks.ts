import { familyOf } from '../../wire/index.ts'
import { textAt } from '../validation/members.ts'
import { type Contradiction, finding } from './finding.ts'
import { type PlainObject, type PlainObjects, sharing } from './objects.ts'
import { plainNodes } from './plain-node.ts'
import { type PlainPool, plainPools } from './pool-checks.ts'

/** Settings against nodes and pools. */
export function settingsChecks(objects: PlainObjects): Contradiction[] {
  const felix = objects.of('FelixConfiguration').find(({ name }) => name === 'default')
  return [...ofNoNode(objects), ...(felix === undefined ? [] : felixChecks(felix, plainPools(objects)))]
}

/** Objects against their own later versions. */
export function repeated(objects: PlainObjects): Contradiction[] {
  return sharing(objects.all, ({ id, name, api }) => (name === '' ? '' : `${api.split('/')[0]} ${id}`))
    .filter(([, those]) => new Set(those.map(({ value }) => JSON.stringify(value))).size > 1)
    .map(([, those]) => finding('object-twice', [those[0]!.id], `it is there ${those.length} times, not the same`))
}

function ofNoNode(objects: PlainObjects): Contradiction[] {
  const names = new Set(plainNodes(objects).map(({ name }) => name))
  if (names.size === 0) return []
  return [...objects.of('FelixConfiguration'), ...objects.of('BGPConfiguration')]
    .filter(({ name }) => name.startsWith('node.') && !names.has(name.slice('node.'.length)))
    .map(({ id, name }) => finding('settings-of-no-node', [id], `there is no node ${name.slice('node.'.length)}`))
}

const MODES = [
  ['ipipMode', 'ipipEnabled'],
  ['vxlanMode', 'vxlanEnabled'],
] as const

function felixChecks({ id, spec }: PlainObject, pools: readonly PlainPool[]): Contradiction[] {
  const off = pools.flatMap((pool) =>
    MODES.filter(([mode, flag]) => isOn(pool, mode) && spec[flag] === false).map(([mode, flag]) =>
      finding('pool-mode-turned-off', [pool.id, id], `${mode} ${textAt(pool.spec, mode)}, but ${flag} is false`),
    ),
  )
  const v6 = spec['ipv6Support'] === false ? pools.filter(({ cidr }) => familyOf(cidr) === 6) : []
  return [
    ...off,
    ...v6.map((pool) => finding('pool-of-family-turned-off', [pool.id, id], 'ipv6Support is false')),
    ...portChecks(id, spec, pools),
  ]
}

function isOn({ spec }: PlainPool, mode: string): boolean {
  return !['', 'Never'].includes(textAt(spec, mode))
}

function portChecks(id: string, spec: PlainObject['spec'], pools: readonly PlainPool[]): Contradiction[] {
  const used: [string, number][] = []
  if (pools.some((pool) => isOn(pool, 'vxlanMode'))) used.push(['VXLAN', Number(spec['vxlanPort'] ?? 4789)])
  if (spec['wireguardEnabled'] === true) used.push(['WireGuard', Number(spec['wireguardListeningPort'] ?? 51820)])
  if (spec['wireguardEnabledV6'] === true) {
    used.push(['WireGuard over IPv6', Number(spec['wireguardListeningPortV6'] ?? 51821)])
  }
  return sharing(used, ([, port]) => String(port)).map(([port, those]) =>
    finding('ports-collide', [id], `${those.map(([what]) => what).join(' and ')} have port ${port}`),
  )
}

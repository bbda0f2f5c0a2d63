// Every example of docs/underlay.md is run: two nodes, a pod on each, and what becomes of a ping between the pods.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import { ROOT } from '../support/source-files.ts'

const DOCUMENT = readFileSync(`${ROOT}docs/underlay.md`, 'utf8')

/** The YAML of each example, by its heading. */
const EXAMPLES = new Map(
  DOCUMENT.split(/^## /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), /```yaml\n([\s\S]*?)```/.exec(part)?.[1] ?? ''] as const),
)

const NODES = ['n1', 'n2'].map((name) => `---\napiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\n`)
const PODS = [
  ['web', 'n1'],
  ['db', 'n2'],
].map(
  ([name, node]) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {nodeName: ${node}}\n`,
)

function lab(example: string, change: (text: string) => string = (text) => text): Lab {
  return Lab.load([change(EXAMPLES.get(example)!), ...NODES, ...PODS].join(''))
}

/** What becomes of a ping from the pod on the first node to that on the second: stations, or the code and place of the first cause. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'A flat LAN': ['default/web', 'n1', 'n2', 'default/db'],
  'Two racks with ToR': ['default/web', 'n1', 'tor1', 'tor2', 'n2', 'default/db'],
  'Racks that peer with their ToR': ['default/web', 'n1', 'tor1', 'tor2', 'n2', 'default/db'],
  'An L3 fabric with loopback addresses': ['default/web', 'n1', 'spine-a', 'n2', 'default/db'],
  'AWS with source/destination check': ['filtered_on_the_way', 'switch-subnet-a'],
  'Azure without protocol 4': ['filtered_on_the_way', 'switch-subnet'],
  'VirtualBox NAT': ['default/web', 'n1', 'n2', 'default/db'],
}

describe('examples of docs/underlay.md', () => {
  it('are all known here', () => {
    expect([...EXAMPLES.keys()]).toEqual(Object.keys(ANSWERS))
  })

  it.each(Object.entries(ANSWERS))('%s', (example, want) => {
    const { trace } = lab(example).ping('default/web', 'default/db')
    const path = trace.packets
      .find(({ role }) => role === 'request')
      ?.path.filter((name) => !name.startsWith('switch-'))
    const found = trace.ok ? path : trace.findings.flatMap(({ code, netns }) => [code, netns])
    expect(found).toEqual(want)
    expect(trace.certainty).toBe('certain')
  })

  it.each(['n1', 'n2'])('%s reaches the internet where a gateway leads there', (node) => {
    const open = Object.keys(ANSWERS).filter((name) => lab(name).ping(`node/${node}`, '8.8.8.8').ok)
    expect(open).toEqual([
      'A flat LAN',
      'AWS with source/destination check',
      'Azure without protocol 4',
      'VirtualBox NAT',
    ])
  })
})

/** The remedies the document names. */
const REMEDIES: readonly (readonly [name: string, example: string, from: string, to: string, ok: boolean])[] = [
  ['racks without encapsulation', 'Two racks with ToR', 'ipipMode: CrossSubnet', 'ipipMode: Never', false],
  [
    'racks: the wrong AS',
    'Racks that peer with their ToR',
    '10.0.2.1, asNumber: 65002',
    '10.0.2.1, asNumber: 65009',
    false,
  ],
  ['racks: routers that do not talk', 'Racks that peer with their ToR', '    peers: [10.0.0.2]\n', '', false],
  ['racks: a ToR that speaks no BGP', 'Racks that peer with their ToR', '    asNumber: 65002\n', '', false],
  ['AWS: the check off', 'AWS with source/destination check', 'sourceCheck: true', 'sourceCheck: false', true],
  [
    'AWS: off at one card only',
    'AWS with source/destination check',
    '172.31.0.11/20}',
    '172.31.0.11/20, sourceCheck: false}',
    false,
  ],
  ['AWS: encapsulated always', 'AWS with source/destination check', 'CrossSubnet', 'Always', true],
  ['Azure: VXLAN', 'Azure without protocol 4', 'ipipMode', 'vxlanMode', true],
  ['VirtualBox: first-found takes the NAT card', 'VirtualBox NAT', 'interface=eth1', 'interface=eth0', false],
  [
    'fabric: no encapsulation, but routes to the pods nobody has',
    'An L3 fabric with loopback addresses',
    'ipipMode: Always',
    'ipipMode: Never',
    false,
  ],
]

describe('remedies of docs/underlay.md', () => {
  it.each(REMEDIES)('%s', (_, example, from, to, ok) => {
    const run = (): boolean =>
      lab(example, (text) => {
        expect(text).toContain(from)
        return text.replaceAll(from, to)
      }).ping('default/web', 'default/db').ok
    if (example === 'VirtualBox NAT') expect(run).toThrow('an address no other node has')
    else expect(run()).toBe(ok)
  })
})

// Pictures of clusters: no text over another or outside, every name escaped, graphs that their languages read.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterResources } from '../../../bench/cluster.ts'
import { Lab } from '../../../src/index.ts'
import { renderTopology, type TopologyView, topologyOf } from '../../../src/views/index.ts'

const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  spec,
})

/** Nodes with IPv4 and IPv6 addresses and labels, two pods each, and objects besides. */
function cluster(addresses: readonly string[], pods: number, ...others: object[]): TopologyView {
  const nodes = addresses.map((address, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${i}`,
      labels: i < 2 ? { reflector: 'true' } : {},
      annotations: {
        'projectcalico.org/IPv4Address': `${address}/24`,
        'projectcalico.org/IPv6Address': `fd00:10::${i + 2}/64`,
      },
    },
    status: { addresses: [{ type: 'InternalIP', address }] },
  }))
  const web = nodes.flatMap(({ metadata }) =>
    Array.from({ length: pods }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${metadata.name}-with-a-long-name-${i}`, namespace: 'default', labels: { app: 'web' } },
      spec: { nodeName: metadata.name },
      status: { phase: 'Running' },
    })),
  )
  return topologyOf(Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...nodes, ...web, ...others] })))
}

/** A Service of each type before all pods, a policy that selects them, a host endpoint with and one without a policy. */
function guarded(): object[] {
  const service = (name: string, spec: object): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec },
  })
  return [
    service('web', { type: 'NodePort', clusterIP: '10.96.0.10' }),
    service('front', { type: 'LoadBalancer', clusterIP: '10.96.0.11', loadBalancerIP: '203.0.113.5' }),
    service('each', { clusterIP: 'None', ports: [{ port: 80 }] }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{}] },
    },
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'HostEndpoint',
      metadata: { name: 'card', labels: { guard: 'yes' } },
      spec: { node: 'node-0', interfaceName: 'eth0' },
    },
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'HostEndpoint',
      metadata: { name: 'free' },
      spec: { node: 'node-1', interfaceName: '*' },
    },
    object('GlobalNetworkPolicy', 'host', { selector: 'has(guard)', ingress: [{ action: 'Allow' }] }),
  ]
}

const demo = (mode: string): TopologyView => topologyOf(Lab.load(readFileSync(`examples/demo/${mode}.yaml`, 'utf8')))
const V4 = '10.64.0.0/16'
const RACKS = ['10.0.1.11', '10.0.1.12', '10.0.1.13', '10.0.2.11', '10.0.2.12']
const dualCni = {
  plugins: [{ type: 'calico', ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } }],
}
const plain = demo('ipip')
/** What no name may do: end a string, an element, a statement, a label. */
const EVIL = '"]; --> x\\" <b>&#35;`|\'{}'
const SCENES: readonly (readonly [string, TopologyView])[] = [
  ['IPIP', plain],
  ['VXLAN', demo('vxlan')],
  ['CrossSubnet between racks', cluster(RACKS, 5, object('IPPool', 'p', { cidr: V4, ipipMode: 'CrossSubnet' }))],
  [
    'route reflectors',
    cluster(
      Array.from({ length: 20 }, (_, i) => `10.0.1.${i + 10}`),
      2,
      object('IPPool', 'p', { cidr: V4 }),
      object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false }),
      object('BGPPeer', 'peer', { nodeSelector: 'all()', peerSelector: 'has(reflector)' }),
    ),
  ],
  [
    'dual stack and WireGuard',
    cluster(
      RACKS,
      3,
      object('IPPool', 'v4', { cidr: V4, vxlanMode: 'Always' }),
      object('IPPool', 'v6', { cidr: 'fd00:64::/48', vxlanMode: 'Always' }),
      object('FelixConfiguration', 'default', { wireguardEnabled: true }),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'calico-config', namespace: 'kube-system' },
        data: { calico_backend: 'bird', cni_network_config: JSON.stringify(dualCni) },
      },
    ),
  ],
  [
    'Services, policies and host endpoints on three nodes',
    cluster(RACKS.slice(0, 3), 3, object('IPPool', 'p', { cidr: V4, ipipMode: 'Always' }), ...guarded()),
  ],
  [
    'Services and policies on twenty nodes',
    cluster(
      Array.from({ length: 20 }, (_, i) => `10.0.1.${i + 10}`),
      2,
      object('IPPool', 'p', { cidr: V4, vxlanMode: 'Always' }),
      ...guarded(),
    ),
  ],
  ['20 nodes', topologyOf(Lab.fromResources(clusterResources(20, 3)))],
  ['names that nobody has', JSON.parse(JSON.stringify(plain).replaceAll('node01', JSON.stringify(EVIL).slice(1, -1)))],
]

interface Placed {
  readonly x: number
  readonly y: number
  readonly right: number
  readonly text: string
}

/** Every text of a picture, as wide as its letters are. */
function textsOf(svg: string): Placed[] {
  return [...svg.matchAll(/<text(?: class="\w+")? x="([\d.]+)" y="([\d.]+)">([^<]*)/g)].map(([, x, y, shown = '']) => {
    const text = shown.replace(/&\w+;|&#\d+;/g, '.')
    return { x: Number(x), y: Number(y), right: Number(x) + text.length * 7.23, text: shown }
  })
}

describe.each(SCENES)('a picture of %s', (_name, view) => {
  it.each([720, 340, 280])('%i pixels wide: no text over another, none outside', (width) => {
    const svg = renderTopology(view, { format: 'svg', width })
    const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1])
    const texts = textsOf(svg)
    expect(texts.length).toBe(svg.match(/<text/g)?.length)
    for (const [i, one] of texts.entries()) {
      expect(one.right, one.text).toBeLessThanOrEqual(width)
      expect(one.y, one.text).toBeLessThanOrEqual(height)
      for (const other of texts.slice(i + 1)) {
        const beside = one.right <= other.x || other.right <= one.x
        expect(beside || Math.abs(one.y - other.y) >= 14, `${one.text} over ${other.text}`).toBe(true)
      }
    }
  })

  it('is a flowchart of Mermaid: every point and line by its grammar, every line between points', () => {
    const [first, settings, ...lines] = renderTopology(view, { format: 'mermaid' }).trimEnd().split('\n')
    expect([first, settings]).toEqual(['flowchart LR', '  %%{init: {"flowchart": {"wrappingWidth": 400}}}%%'])
    const text = String.raw`"(?:[^"#$%&;<@\\{}\x60]|#\d+;|<br\/>)*"`
    const point = new RegExp(String.raw`^ {2}([a-z]\d+)(?:\[${text}\]|\(\[${text}\]\)|\{\{${text}\}\}):::\w+$`)
    const link = new RegExp(String.raw`^ {2}([a-z]\d+) (?:---|-\.-x?|===|-->)(?:\|${text}\|)? ([a-z]\d+)$`)
    const style = /^ {2}(?:classDef \w+ [\w:#,]+|linkStyle [\d,]+ stroke:#\w{6})$/
    const count = lines.filter((line) => link.test(line)).length
    const styled = lines.flatMap((line) => /^ {2}linkStyle ([\d,]+)/.exec(line)?.[1]?.split(',').map(Number) ?? [])
    expect(styled.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    const ids = new Set(lines.flatMap((line) => point.exec(line)?.[1] ?? []))
    for (const line of lines) {
      const ends = link.exec(line)
      expect(point.test(line) || ends !== null || style.test(line), line).toBe(true)
      if (ends !== null) expect([ids.has(ends[1] ?? ''), ids.has(ends[2] ?? '')], line).toEqual([true, true])
    }
  })

  it('is a graph of dot: every statement by its grammar', () => {
    const lines = renderTopology(view, { format: 'dot' }).trimEnd().split('\n')
    const string = String.raw`"(?:[^"\\]|\\.)*"`
    const list = String.raw`\[\w+=(?:${string}|[\w.]+)(?:, \w+=(?:${string}|[\w.]+))*\]`
    const statement = new RegExp(String.raw`^ {2}(?:[a-z]\d+(?: -- [a-z]\d+)?|node|edge) ${list}(?:; edge ${list})?$`)
    expect([lines[0], lines.at(-1)]).toEqual(['graph topology {', '}'])
    expect(lines[1]).toMatch(
      new RegExp(
        `^ {2}label=${string}; labelloc=t; rankdir=LR; fontname="sans-serif"; nodesep=0.15; ranksep=0.7; ordering=out$`,
      ),
    )
    for (const line of lines.slice(2, -1)) expect(line).toMatch(statement)
  })

  it.runIf(existsSync('/usr/bin/dot'))('is read by Graphviz, and no wider than a screen', () => {
    const input = renderTopology(view, { format: 'dot' })
    const plain = execFileSync('dot', ['-Tplain'], { input, encoding: 'utf8' })
    const [, width] = /^graph 1 ([\d.]+) /m.exec(plain) ?? []
    expect(plain.match(/^node /gm)?.length).toBe(input.match(/^ {2}[a-z]\d+ \[/gm)?.length)
    expect(Number(width)).toBeLessThan(22)
  })
})

describe('a picture of 1,000 nodes with 30 pods each', () => {
  it('folds them, and takes less than a second of the processor', () => {
    const lab = Lab.fromResources(clusterResources(1000, 30), { record: false })
    const before = process.cpuUsage()
    const svg = renderTopology(lab, { format: 'svg' })
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(1)
    expect(svg).toContain('989 more nodes')
    expect(svg).toContain('29,670 pods')
    expect(svg.length).toBeLessThan(40_000)
  })
})

describe('a flowchart of 100 Ethernets with 20 nodes each', () => {
  const ethernets = Array.from({ length: 100 }, (_, i) => `rack${i}`)
  const [node] = plain.machines.filter(({ kind }) => kind === 'node')
  const large: TopologyView = {
    ...plain,
    segments: ethernets.map((name) => ({ name, switched: true, subnets: ['10.0.0.0/24'], stations: [] })),
    machines: ethernets.flatMap((segment) =>
      Array.from({ length: 20 }, (_, i) => ({
        ...node!,
        name: `${segment}-${i}`,
        interfaces: [{ dev: 'eth0', segment, addresses: ['10.0.0.1/24'] }],
      })),
    ),
  }
  it('is as large as Mermaid reads: 500 lines, 50,000 characters', () => {
    const text = renderTopology(large, { format: 'mermaid' })
    expect(text).toContain('60 more Ethernets')
    expect(text.match(/^ {2}[a-z]\d+ [-=]/gm)?.length).toBeLessThan(500)
    expect(text.length).toBeLessThan(50_000)
  })
})

/** Debian's Chromium; where there is none, Mermaid's own parser and real letters are not asked. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

describe.runIf(existsSync(CHROMIUM))('in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  it('pictures are read as XML, and letters are as wide as was reckoned', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    for (const [name, view] of SCENES) {
      const svg = renderTopology(view, { format: 'svg', width: 340 })
      await page.setContent(`<!doctype html><body style="margin:10px">${svg}</body>`)
      const found = (await page.evaluate(
        `(svg => [new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('parsererror, script, b').length,
          Math.max(...[...document.querySelectorAll('text')].map(one => one.getComputedTextLength() / Math.max(one.firstChild.data.length, 1))),
          document.documentElement.scrollWidth])(${JSON.stringify(svg)})`,
      )) as number[]
      expect(found, name).toEqual([0, expect.closeTo(7.22, 1), 360])
    }
  })

  it('Mermaid reads every flowchart', async () => {
    const page = await browser.newPage()
    await page.addScriptTag({ path: 'node_modules/mermaid/dist/mermaid.min.js' })
    for (const [name, view] of SCENES) {
      const text = renderTopology(view, { format: 'mermaid' })
      const read = await page.evaluate(`mermaid.parse(${JSON.stringify(text)}).then(({ diagramType }) => diagramType)`)
      expect(read, name).toBe('flowchart-v2')
    }
  })
})

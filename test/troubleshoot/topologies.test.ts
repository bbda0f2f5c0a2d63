// Every symptom, asked of clusters of many shapes: nothing throws, and what comes back is candidates that can be decided, or three
// facts to fetch. Where packets tell the answer, it is told.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'
import { type Diagnosis, diagnoseLab, factsLine, type Question, SYMPTOMS } from '../../src/troubleshoot/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { DRAWN, labOf } from '../failures/clusters.ts'
import { ROOT } from '../support/source-files.ts'

const example = (name: string): Lab =>
  Lab.load({ name: `${name}.yaml`, text: readFileSync(`${ROOT}examples/${name}.yaml`, 'utf8') })
const drawn = (seed: number): Lab => labOf(DRAWN.find((one) => one.seed === seed)!)

const ONE_NODE = `apiVersion: v1
kind: Node
metadata: {name: only}
status: {addresses: [{type: InternalIP, address: 10.0.0.5}]}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.244.0.0/16, natOutgoing: true, ipipMode: Always}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: {nodeName: only}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: default}, spec: {nodeName: only}}`

/** Two nodes and a pod each, as people know them: no word of the network between. */
const OBJECTS = `${ONE_NODE.replaceAll('only', 'n1')}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 10.0.0.6}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: default}, spec: {nodeName: n2}}`

/** What two nodes print, and nothing else. */
function dumps(): Lab {
  const of = (own: number, other: number): Readonly<Record<string, string>> => ({
    ip_addr: `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000
    link/ether 02:42:0a:00:00:0${own} brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.${own}/24 brd 10.0.0.255 scope global eth0
3: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ipip 0.0.0.0 brd 0.0.0.0
    inet 10.244.${own}.0/32 scope global tunl0
4: cali0000000000${own}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1480 qdisc noqueue state UP group default qlen 1000
    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netnsid 0`,
    ip_route: `default via 10.0.0.1 dev eth0
10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.${own}
10.244.${own}.5 dev cali0000000000${own} scope link
10.244.${other}.0/26 via 10.0.0.${other} dev tunl0 proto bird onlink`,
  })
  const files = [of(5, 6), of(6, 5)].flatMap((one, i) =>
    Object.entries(one).map(([file, text]) => [`n${i + 1}/${file}.txt`, encodeUtf8(text)] as const),
  )
  return Lab.fromDumps(new Map(files))
}

const TOPOLOGIES: Readonly<Record<string, () => Lab>> = {
  'a single node': () => Lab.load({ name: 'one.yaml', text: ONE_NODE }),
  'objects only': () => Lab.load({ name: 'objects.yaml', text: OBJECTS }),
  'dumps only': dumps,
  'two racks': () => example('components/racks'),
  'two families': () => drawn(14),
  VXLAN: () => example('demo/vxlan'),
  WireGuard: () => drawn(11),
  reflectors: () => example('components/reflector'),
}

/** Two pods of a lab, of two nodes where there are; addresses where only those are known. */
function endsOf(lab: Lab): { readonly from: string; readonly to: string } {
  const pods = lab.cluster?.workloadEndpoints ?? []
  const other = pods.find(({ node }) => node !== pods[0]?.node) ?? pods[1]
  return pods[0] === undefined || other === undefined
    ? { from: 'node/n1', to: '10.244.6.5' }
    : { from: pods[0].netns, to: other.netns }
}

function asks(lab: Lab): Readonly<Record<string, Question>> {
  const { from, to } = endsOf(lab)
  return {
    'a ping': { from, to },
    TCP: { from, to, port: 8080 },
    'the world': { from, to: '8.8.8.8', port: 443 },
    everything: {},
  }
}

/** What is wrong with an answer, whatever was asked. */
function faultsOf({ candidates, facts, factsLine: line, verdict }: Diagnosis): string[] {
  const undecidable = candidates.filter(
    ({ decide }) => decide.command === '' || decide.ifSo === '' || decide.ifNot === '',
  )
  const isOpen = verdict === 'undecided'
  return [
    ...undecidable.map(({ title }) => `${title}: no command decides it`),
    ...(isOpen && facts.length !== 3 ? [`${facts.length} facts`] : []),
    ...(line === factsLine(facts) ? [] : [line]),
    ...(isOpen && line.split('; ssh ').length !== 4 ? [line] : []),
    ...(!isOpen && candidates.length === 0 ? ['no candidates'] : []),
  ]
}

describe.each(Object.entries(TOPOLOGIES))('in a cluster of %s', (_, make) => {
  const lab = make()
  it.each(SYMPTOMS)('%s has candidates that can be decided, or three facts to fetch', (symptom) => {
    const faults = Object.entries(asks(lab)).flatMap(([name, question]) =>
      faultsOf(diagnoseLab(lab, { ...question, symptom })).map((fault) => `${name}: ${fault}`),
    )
    expect(faults).toEqual([])
  })
})

/** Who leads, and how sure that is. */
const leads = ({ candidates: [first] }: Diagnosis): string => `${first?.failure ?? first?.title} ${first?.likelihood}`

describe('a command that watches for the outer packet', () => {
  it('watches for what the sender sends: in a healthy cluster it sees it', () => {
    const lab = example('demo/ipip')
    const { from, to } = endsOf(lab)
    const { candidates } = diagnoseLab(lab, { from, to, symptom: 'timeout' })
    const { decide } = candidates.find(({ failure }) => failure === 'F01')!
    const shell = new Shell(lab, decide.at)
    shell.execute(`${decide.command} &`)
    lab.ping(from, to)
    const { stderr } = shell.execute('fg')
    expect(stderr).toMatch(/^[1-9]/)
    expect(stderr).not.toMatch(new RegExp(decide.shows, 'm'))
  })
})

describe('what packets tell', () => {
  it('of a source that is another: natOutgoing, on the way out', () => {
    const lab = example('demo/ipip')
    const { from } = endsOf(lab)
    const diagnosis = diagnoseLab(lab, { from, to: '8.8.8.8', port: 443, symptom: 'wrong-source' })
    expect(diagnosis.candidates[0]).toMatchObject({ failure: 'F75', stage: 'host.snat', code: 'WRONG_SOURCE' })
    expect(diagnosis.candidates[0]?.because).toMatch(/natOutgoing.*translates the source .* to /)
  })

  it('of a node that asks by a tunnel: it has the tunnel’s address', () => {
    const lab = example('demo/vxlan')
    const { to } = endsOf(lab)
    const [, other] = lab.cluster!.nodes.map(({ name }) => name)
    const asker =
      lab.cluster!.workloadEndpoints.find(({ netns }) => netns === to)!.node === other
        ? lab.cluster!.nodes[0]!.name
        : other!
    expect(leads(diagnoseLab(lab, { from: `node/${asker}`, to, symptom: 'wrong-source' }))).toBe('F68 certain')
  })

  it('of a large request that hangs: where it is cut, and that nothing tells the sender', () => {
    const lab = drawn(2)
    const [shown] = lab.inject('F15').shows
    const { ask } = shown!
    const diagnosis = diagnoseLab(lab, { from: ask.from, to: ask.to, symptom: 'small-ok-large-hang' })
    expect(leads(diagnosis)).toMatch(/^F15 /)
    expect(diagnosis.candidates[0]?.detail).toMatch(/^\d+ > \d+$|^$/)
    expect(diagnosis.candidates[0]?.because).toContain('nothing tells the sender')
  })

  it('of IPv6 to the world without a way back: natOutgoing is missing', () => {
    const lab = drawn(14)
    const { from } = endsOf(lab)
    const diagnosis = diagnoseLab(lab, { from, to: '2001:4860:4860::8888', port: 443, symptom: 'timeout' })
    expect(diagnosis.candidates[0]).toMatchObject({ failure: 'F73', code: 'UNDERLAY_NO_ROUTE' })
  })
})

// What a lab says of its objects before anything is asked: the word before each line tells whether it could turn an answer.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const CALICO = 'apiVersion: projectcalico.org/v3'
const NODE = `{apiVersion: v1, kind: Node, metadata: {name: n1, annotations: {projectcalico.org/IPv4Address: 172.16.0.1/24}}}`
const POOL = `{${CALICO}, kind: IPPool, metadata: {name: pods}, spec: {cidr: 10.65.0.0/16}}`

function linesOf(...objects: readonly string[]): readonly string[] {
  return Lab.load([NODE, POOL, ...objects].join('\n---\n')).notes
}

const filter = (name: string) =>
  `{${CALICO}, kind: BGPFilter, metadata: {name: ${name}}, spec: {importV4: [{action: Reject}]}}`
const peer = `{${CALICO}, kind: BGPPeer, metadata: {name: p}, spec: {nodeSelector: all(), peerSelector: all(), filters: [used]}}`
const bgp = (spec: string) => `{${CALICO}, kind: BGPConfiguration, metadata: {name: default}, spec: {${spec}}}`

describe('a line of a lab’s notes', () => {
  it.each<readonly [string, string[], string[]]>([
    [
      'not modelled, where it could turn an answer',
      [`{${CALICO}, kind: FelixConfiguration, metadata: {name: default}, spec: {bpfEnabled: true}}`],
      ['not modelled: FelixConfiguration/default: bpfEnabled true is not modelled'],
    ],
    [
      'note, where it turns none',
      [bgp('communities: [{name: a, value: "1:2"}]')],
      ['note: BGPConfiguration/default: communities [{"name":"a","value":"1:2"}] is not modelled'],
    ],
    [
      'each its own among notes of one sort',
      [filter('idle'), filter('used'), peer, filter('idler')],
      [
        'note: BGPFilter/idle: no BGPPeer names it, so it filters nothing',
        'note: BGPFilter/idler: no BGPPeer names it, so it filters nothing',
      ],
    ],
    [
      'assumed, where answers rest on it',
      [
        '{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: a}, spec: {priority: 1, subject: {namespaces: {}}}}',
      ],
      ['assumed: AdminNetworkPolicy/a: Calico v3.32'],
    ],
    [
      'none for policies that are never enforced',
      [`{${CALICO}, kind: StagedGlobalNetworkPolicy, metadata: {name: s}, spec: {selector: all()}}`],
      [],
    ],
  ])('begins with %s', (_, objects, wanted) => {
    const lines = linesOf(...objects).filter((line) => /^(not modelled|note|assumed): /.test(line))
    expect(lines).toEqual(expect.arrayContaining(wanted.map((line) => expect.stringContaining(line))))
    expect(lines).toHaveLength(wanted.length)
  })

  it('counts what is many of one sort and word', () => {
    const many = Array.from({ length: 13 }, (_, i) => filter(`f${i + 10}`))
    const lines = linesOf(...many).filter((line) => line.startsWith('note: '))
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('note: 3 more of these')
  })
})

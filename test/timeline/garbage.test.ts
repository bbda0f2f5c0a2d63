// What IPAM had given and nobody uses: kube-controllers gives it back in its time.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const POOL =
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/28, blockSize: 30, ipipMode: Never, vxlanMode: Never}}'
const grace = (time: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {leakGracePeriod: ${time}}}}}`

// node1 has two blocks: four pods fill the first.
const PODS = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, 'node1'))
const open = (delays: 'calico' | 'instant' = 'calico', ...more: string[]): Lab =>
  Lab.load(
    [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), POOL, ...PODS, pod('z', 'node2'), ...more].join(
      '\n---\n',
    ),
    { delays },
  )
const MINUTE = 60e9
const blocksOf = (lab: Lab, name: string): number =>
  lab.cluster!.ipam.blocks.filter(({ affinity }) => affinity === name).length
const given = (lab: Lab) => lab.log.filter(({ actor }) => actor === 'calico-kube-controllers')
const controllers = (lab: Lab, action: 'stop' | 'start'): Lab =>
  lab.occur({ kind: 'agent', agent: 'calico-kube-controllers', action })

describe('an empty block of a node that has another', () => {
  it('is given back 15 minutes later, at the next look through all of IPAM: half of that time apart', () => {
    const lab = open()
    expect(blocksOf(lab, 'node1')).toBe(2)
    lab.delete({ kind: 'Pod', name: 'e' })
    lab.wait(60)
    expect([blocksOf(lab, 'node1'), lab.isQuiet]).toEqual([2, false])
    lab.quiet()
    expect(blocksOf(lab, 'node1')).toBe(1)
    const [entry, ...rest] = given(lab)
    expect(rest).toEqual([])
    expect(entry).toMatchObject({
      op: 'delete',
      event: 1,
      what: expect.stringMatching(/^BlockAffinity\/node1-10-0-0-\d+-30$/),
    })
    expect(entry!.at / MINUTE).toBeGreaterThanOrEqual(15)
    expect(entry!.at / MINUTE).toBeLessThan(23)
    expect(lab.network).toBe(lab.cluster?.network)
  })

  it('is no longer announced: routes of other nodes to it go', () => {
    const lab = open()
    const routes = (): string[] =>
      lab
        .sh('node2', 'ip route')
        .stdout.split('\n')
        .filter((one) => one.includes('via 192.168.0.1 '))
    const before = routes()
    lab.delete({ kind: 'Pod', name: 'e' }).quiet()
    expect([before.length, routes().length]).toEqual([2, 1])
  })

  it('is kept where a pod has come into it meanwhile', () => {
    const lab = open()
    lab.delete({ kind: 'Pod', name: 'e' })
    lab.wait(600)
    lab.apply(pod('f', 'node1')).quiet()
    expect([blocksOf(lab, 'node1'), given(lab)]).toEqual([2, []])
  })

  it('is kept where it is the last one of its node', () => {
    const lab = open()
    lab.delete({ kind: 'Pod', name: 'z' }).wait(60)
    expect([blocksOf(lab, 'node2'), lab.isQuiet]).toEqual([1, true])
  })

  it.each([
    ['sooner, where KubeControllersConfiguration says so', '2m', 2, 3.1],
    ['never, where it says so', '0s', undefined, undefined],
  ])('%s', (_, time, low, high) => {
    const lab = open('calico', grace(time))
    lab.delete({ kind: 'Pod', name: 'e' }).quiet()
    expect(given(lab)).toHaveLength(low === undefined ? 0 : 1)
    for (const { at } of given(lab)) {
      expect(at / MINUTE).toBeGreaterThanOrEqual(low!)
      expect(at / MINUTE).toBeLessThan(high!)
    }
  })

  it('is kept while kube-controllers does not run', () => {
    const lab = controllers(open(), 'stop')
    lab.delete({ kind: 'Pod', name: 'e' }).wait(3600)
    expect([blocksOf(lab, 'node1'), lab.isQuiet]).toEqual([2, true])
    controllers(lab, 'start').quiet()
    expect(blocksOf(lab, 'node1')).toBe(1)
  })

  it('is kept where nothing takes time: no time of grace passes', () => {
    const lab = open('instant')
    lab.delete({ kind: 'Pod', name: 'e' })
    expect([blocksOf(lab, 'node1'), lab.isQuiet]).toEqual([2, true])
  })
})

describe.each(['calico', 'instant'] as const)('delays: %s; blocks and addresses of a node that is gone', (delays) => {
  it('are given back at once', () => {
    const lab = open(delays)
    lab.delete({ kind: 'Node', name: 'node1' }).quiet()
    expect(blocksOf(lab, 'node1')).toBe(0)
  })

  it('stay taken while kube-controllers does not run, and are given back when it does', () => {
    const lab = controllers(open(delays), 'stop')
    lab.delete({ kind: 'Node', name: 'node1' }).quiet()
    expect(blocksOf(lab, 'node1')).toBe(2)
    controllers(lab, 'start').quiet()
    expect(blocksOf(lab, 'node1')).toBe(0)
    expect(given(lab).filter(({ what }) => what.startsWith('address 10.0.0.'))).toHaveLength(5)
    expect(given(lab).filter(({ what }) => what.startsWith('BlockAffinity/node1-'))).toHaveLength(2)
    expect(lab.network).toBe(lab.cluster?.network)
  })
})

// A pod that goes while nobody runs CNI DEL for it leaves its address taken and its sandbox behind; who ends that, and when.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { AgentAction } from '../../src/timeline/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const POOL =
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/24, blockSize: 29, ipipMode: Never, vxlanMode: Never}}'
const grace = (time: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {leakGracePeriod: ${time}}}}}`
const MINUTE = 60e9

const open = (delays: 'calico' | 'instant' = 'calico', ...more: string[]): Lab =>
  Lab.load(
    [
      node('node1', '192.168.0.1'),
      node('node2', '192.168.0.2'),
      POOL,
      pod('a', 'node1'),
      pod('b', 'node1'),
      pod('z', 'node2'),
      ...more,
    ].join('\n---\n'),
    { delays },
  )
const kubelet = (lab: Lab, action: AgentAction): Lab =>
  lab.occur({ kind: 'agent', agent: 'kubelet', node: 'node1', action })
const force = (lab: Lab, name = 'a'): string => {
  const { stdout, stderr } = lab.sh('node2', `kubectl delete pod ${name} --force --grace-period=0`)
  expect(stderr).toMatch(/^Warning: Immediate deletion does not wait/)
  return stdout
}
/** A lab in which a pod was force-deleted while kubelet of its node does not run. */
const leaky = (delays: 'calico' | 'instant' = 'calico', ...more: string[]): Lab => {
  const lab = kubelet(open(delays, ...more), 'stop')
  force(lab)
  return lab.wait(delays === 'calico' ? 2 : 0)
}
const addressOf = (lab: Lab, name: string): string =>
  lab.cluster!.workloadEndpoints.find((one) => one.netns === `default/${name}`)!.addresses[0]!
const A = addressOf(open(), 'a')
const DEV = open().cluster!.workloadEndpoints.find(({ netns }) => netns === 'default/a')!.interfaceName
const links = (lab: Lab): string => lab.sh('node1', 'ip link').stdout
const released = (lab: Lab) => lab.log.filter(({ op, what }) => op === 'delete' && what.startsWith(`address ${A} of `))
const check = (lab: Lab): string => lab.sh('node2', 'calicoctl ipam check --show-problem-ips').stdout
const LEAKED = `  ${A} leaked; attrs Main:k8s-pod-network.`

describe.each(['calico', 'instant'] as const)('delays: %s; a pod that is force-deleted', (delays) => {
  it('is gone at once, with its address and its sandbox, where its kubelet runs', () => {
    const lab = open(delays)
    expect(force(lab)).toBe('pod "a" force deleted\n')
    lab.quiet()
    expect(lab.network).toBe(lab.cluster?.network)
    expect(check(lab)).not.toContain(LEAKED)
  })

  it('is no longer an object where its kubelet does not run, and its address stays taken', () => {
    const lab = leaky(delays)
    expect(lab.objects!.pods.map(({ metadata }) => metadata.name)).not.toContain('a')
    expect(lab.sh('node2', `calicoctl ipam show --ip=${A}`).stdout).toContain('pod: a\n')
    expect(check(lab)).toMatch(new RegExp(`^${LEAKED}[0-9a-f]+ Extra:namespace=default,node=node1,pod=a$`, 'm'))
    expect(check(lab)).toContain('Found 1 IPs that are allocated in IPAM but not actually in use.')
  })

  it('no other pod gets its address', () => {
    const lab = leaky(delays)
    kubelet(lab, 'cut')
    for (const name of ['c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) lab.apply(pod(name, 'node1'))
    lab.wait(5)
    expect(lab.cluster!.workloadEndpoints.flatMap(({ addresses }) => addresses)).not.toContain(A)
  })

  it('its veth stays on the node and Felix takes the route away: nobody reaches it', () => {
    const lab = leaky(delays)
    expect(links(lab)).toContain(`${DEV}@`)
    expect(lab.sh('default/a', 'ip addr show eth0').stdout).toContain(`inet ${A}/32`)
    expect(lab.sh('node1', 'ip route').stdout).not.toContain(`${A} dev`)
    expect(lab.sh('node1', 'iptables-save').stdout).not.toContain(`cali-tw-${DEV}`)
    expect(lab.ping('default/b', A).ok).toBe(false)
    expect(lab.ping('default/b', 'default/z').ok).toBe(true)
  })

  it('kubelet that is back finds the sandbox, and CNI DEL gives the address back', () => {
    const lab = kubelet(leaky(delays), 'start').wait(5)
    expect(released(lab)).toMatchObject([{ actor: 'cni', netns: 'node1', event: lab.log.at(-1)!.event }])
    expect(check(lab)).toContain('Check complete; found 0 problems.')
    expect(lab.quiet().network).toBe(lab.cluster?.network)
    expect(links(lab)).not.toContain(DEV)
  })

  it('is given back by hand: calicoctl ipam release', () => {
    const lab = leaky(delays)
    expect(lab.sh('node2', `calicoctl ipam release --ip=${A}`).stdout).toBe(`Successfully released IP address ${A}\n`)
    expect(check(lab)).toContain('Check complete; found 0 problems.')
    expect(released(lab)).toMatchObject([{ actor: 'user' }])
    expect(kubelet(lab, 'start').quiet().network).toBe(lab.cluster?.network)
    expect(released(lab)).toHaveLength(1)
  })

  it('a pod of its name on its node: kubelet takes the older sandbox down first', () => {
    const lab = leaky(delays).apply(pod('a', 'node1'))
    kubelet(lab, 'start').quiet()
    expect(check(lab)).toContain('Check complete; found 0 problems.')
    expect(lab.network).toBe(lab.cluster?.network)
  })

  it('a pod of its name on another node has another address, and the leak stays', () => {
    const lab = leaky(delays).apply(pod('a', 'node2')).wait(5)
    expect(addressOf(lab, 'a')).not.toBe(A)
    expect(check(lab)).toContain(LEAKED)
    expect(lab.ping('default/a', 'default/z').ok).toBe(true)
    kubelet(lab, 'start').quiet()
    expect(check(lab)).toContain('Check complete; found 0 problems.')
  })

  it('its node is deleted: its address goes with all the node had', () => {
    const lab = leaky(delays)
    lab.delete({ kind: 'Node', name: 'node1' }).quiet()
    expect(lab.cluster!.ipam.blocks.flatMap(({ strays }) => [...(strays ?? [])])).toEqual([])
  })

  it.each([
    ['kubelet is cut off from the API server', (lab: Lab) => kubelet(lab, 'cut'), (lab: Lab) => kubelet(lab, 'heal')],
    [
      'the CNI configuration was taken from its node',
      (lab: Lab) => lab.sh('node1', 'mv /etc/cni/net.d/10-calico.conflist /tmp/'),
      (lab: Lab) => lab.sh('node1', 'mv /tmp/10-calico.conflist /etc/cni/net.d/'),
    ],
    [
      'its machine is without power',
      (lab: Lab) => lab.occur({ kind: 'machine', node: 'node1', action: 'crash' }),
      (lab: Lab) => lab.occur({ kind: 'machine', node: 'node1', action: 'start' }),
    ],
  ])('stays taken while %s, and no longer', (_, breaks, mends) => {
    const lab = open(delays)
    breaks(lab)
    force(lab)
    lab.wait(5)
    expect(check(lab)).toContain(LEAKED)
    mends(lab)
    lab.quiet()
    expect(check(lab)).not.toContain(LEAKED)
    expect(lab.network).toBe(lab.cluster?.network)
  })
})

describe('an address that kubelet gave back later', () => {
  it('comes behind all that were free', () => {
    const lab = kubelet(leaky(), 'start').wait(5)
    for (const name of ['c', 'd', 'e', 'f', 'g', 'h', 'i']) lab.apply(pod(name, 'node1')).wait(5)
    expect(addressOf(lab, 'c')).not.toBe(A)
    expect(addressOf(lab, 'i')).toBe(A)
  })
})

describe('kube-controllers', () => {
  it('gives the address back 15 minutes later, at the next look through all of IPAM', () => {
    const lab = leaky().quiet()
    const [entry, ...rest] = released(lab)
    expect(rest).toEqual([])
    expect(entry).toMatchObject({ actor: 'calico-kube-controllers', event: 3 })
    expect(entry!.at / MINUTE).toBeGreaterThanOrEqual(15)
    expect(entry!.at / MINUTE).toBeLessThan(23)
    expect(check(lab)).toContain('Check complete; found 0 problems.')
  })

  it('which leaves the sandbox where it is: kubelet that is back takes that down', () => {
    const lab = leaky().quiet()
    expect(links(lab)).toContain(DEV)
    kubelet(lab, 'start').quiet()
    expect(links(lab)).not.toContain(DEV)
    expect(lab.network).toBe(lab.cluster?.network)
  })

  it('sooner, where KubeControllersConfiguration says so', () => {
    const lab = leaky('calico', grace('2m')).quiet()
    expect(released(lab)[0]!.at / MINUTE).toBeLessThan(3.1)
  })

  it('never, where it says so, or does not run, or kubelet was faster', () => {
    expect(released(leaky('calico', grace('0s')).quiet())).toEqual([])
    const lab = leaky()
    lab.occur({ kind: 'agent', agent: 'calico-kube-controllers', action: 'stop' }).quiet()
    expect(released(lab)).toEqual([])
    const quick = kubelet(leaky(), 'start').quiet()
    expect(released(quick).map(({ actor }) => actor)).toEqual(['cni'])
  })
})

// /etc/cni/net.d of a node: kubelet has no network for pods without a configuration there.
import { describe, expect, it } from 'vitest'
import { podWord } from '../../src/controllers/index.ts'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const POOL = '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16}}'
const CALICO = `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: calico-node, namespace: kube-system}, spec: {selector: {matchLabels: {k8s-app: calico-node}}, template: {metadata: {labels: {k8s-app: calico-node}}, spec: {hostNetwork: true, tolerations: [{operator: Exists}], containers: [{name: calico-node}]}}}}`
const agent = (on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: calico-node-${on}, namespace: kube-system, labels: {k8s-app: calico-node}, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: calico-node}]}, spec: {nodeName: ${on}, hostNetwork: true, tolerations: [{operator: Exists}], containers: [{name: calico-node}]}, status: {phase: Running}}`
const TWO = [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), POOL, CALICO, agent('node1'), agent('node2')]
  .concat(pod('a', 'node1'), pod('b', 'node2'))
  .join('\n---\n')

const CONFLIST = '/etc/cni/net.d/10-calico.conflist'
const open = (delays: 'calico' | 'instant' = 'calico'): Lab => Lab.load(TWO, { delays })
const bared = (delays?: 'calico' | 'instant'): Lab => {
  const lab = open(delays)
  lab.sh('node2', 'rm -rf /etc/cni/net.d/*')
  return lab
}
const ready = (lab: Lab, name: string) =>
  lab
    .objects!.nodes.find(({ metadata }) => metadata.name === name)!
    .status?.conditions?.find((one) => one.type === 'Ready')
const word = (lab: Lab, name: string): string | undefined => {
  const found = lab.objects!.pods.find(({ metadata }) => metadata.name === name)
  return found && podWord(found)
}

describe.each(['calico', 'instant'] as const)(
  'the CNI configuration of a node is taken away (delays: %s)',
  (delays) => {
    it('the node is not ready, in the words of containerd', () => {
      const lab = bared(delays)
      expect(ready(lab, 'node2')).toMatchObject({ status: 'False', reason: 'KubeletNotReady' })
      expect(ready(lab, 'node2')!.message).toContain('cni plugin not initialized')
      expect(ready(lab, 'node1')?.status ?? 'True').toBe('True')
    })

    it('it is a change by hand, in the log', () => {
      const [entry] = bared(delays).log
      expect(entry).toMatchObject({
        event: 1,
        actor: 'user',
        netns: 'node2',
        op: 'delete',
        thing: 'file',
        what: CONFLIST,
      })
    })
  },
)

describe('without a CNI configuration', () => {
  it('pods that run stay, and are reached', () => {
    const lab = bared()
    lab.wait(60)
    expect(lab.ping('default/a', 'default/b').ok).toBe(true)
  })

  it('new pods get no network, and say why', () => {
    const lab = bared()
    lab.apply(pod('c', 'node2')).wait(30)
    expect(word(lab, 'c')).toBe('ContainerCreating')
    expect(lab.sh('node1', 'kubectl describe pod c').stdout).toMatch(/NetworkNotReady.*cni plugin not initialized/)
  })

  it('pods that are deleted stay, for nobody takes their network down', () => {
    const lab = bared()
    lab.delete({ kind: 'Pod', name: 'b' }).wait(60)
    expect(word(lab, 'b')).toBe('Terminating')
    expect(lab.sh('node1', 'kubectl describe pod b').stdout).toContain('cni plugin not initialized')
  })

  it('what else Calico keeps on the node is there', () => {
    const lab = bared()
    expect(lab.sh('node2', 'ls /etc/cni/net.d').stdout).toBe('')
    expect(lab.sh('node2', 'cat /var/lib/calico/nodename').stdout).toContain('node2')
  })
})

describe('it is there again', () => {
  const isBack = (lab: Lab): void => {
    expect(ready(lab, 'node2')?.status).toBe('True')
    lab.apply(pod('c', 'node2')).quiet()
    expect(lab.ping('default/a', 'default/c').ok).toBe(true)
    expect(lab.sh('node2', `cat ${CONFLIST}`).ok).toBe(true)
  }

  it('when somebody writes it', () => {
    const lab = open()
    lab.sh('node2', `cp ${CONFLIST} /tmp/kept`)
    lab.sh('node2', `rm ${CONFLIST}`)
    expect(ready(lab, 'node2')?.status).toBe('False')
    lab.sh('node2', `cp /tmp/kept ${CONFLIST}`)
    isBack(lab)
  })

  it('when another pod of calico-node starts: its init container puts it there; the one that runs does not', () => {
    const lab = bared()
    lab.wait(300)
    expect(ready(lab, 'node2')?.status).toBe('False')
    lab.delete({ kind: 'Pod', name: 'calico-node-node2', namespace: 'kube-system' }).quiet()
    isBack(lab)
  })

  it('when the machine has rebooted, for the same reason', () => {
    const lab = bared()
    lab.occur({ kind: 'machine', node: 'node2', action: 'reboot' }).quiet()
    isBack(lab)
  })

  it('when the lab goes back to a moment before', () => {
    const lab = open()
    const saved = lab.snapshot()
    lab.sh('node2', `rm ${CONFLIST}`)
    lab.restore(saved)
    lab.apply(pod('c', 'node2')).quiet()
    expect(lab.ping('default/a', 'default/c').ok).toBe(true)
  })
})

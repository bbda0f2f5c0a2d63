// `packetwalk cni`: how the plugin wires a pod of a cluster, with commands that do it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const CLUSTER = `apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 10.7.0.21}, {type: InternalIP, address: "fd07::21"}]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: four}
spec: {cidr: 10.65.0.0/24, vxlanMode: Always}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: six}
spec: {cidr: "fd65::/112"}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, annotations: {cni.projectcalico.org/hwAddr: "02:00:5e:00:53:01"}}
spec: {nodeName: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop}
spec: {nodeName: n1, hostNetwork: true}
`

interface Step {
  readonly who: string
  readonly what: string
  readonly commands: readonly string[]
}

describe('packetwalk cni', () => {
  beforeAll(() => cli.write('cluster.yaml', CLUSTER))
  const steps = (command: string): readonly Step[] => {
    const { status, stdout } = cli.run(['cni', command, 'shop/web-0', '-f', 'cluster.yaml', '-j', '-q'])
    expect(status).toBe(0)
    return JSON.parse(stdout) as readonly Step[]
  }

  it('add tells what is done in its order: the veth, its settings, routes before addresses, the host’s route [cni.md §3]', () => {
    const commands = steps('add').flatMap((step) => step.commands)
    const at = (pattern: RegExp): number => commands.findIndex((command) => pattern.test(command))
    const order = [
      /^ip link add (cali\w{11}) mtu 1450 type veth peer name eth0 mtu 1450 netns CONTAINER$/,
      /^ip link set cali\w+ address ee:ee:ee:ee:ee:ee$/,
      /^sysctl -w net\.ipv4\.conf\.cali\w+\.proxy_arp=1$/,
      /^ip link set cali\w+ up$/,
      /^ip -n CONTAINER link set eth0 address 02:00:5e:00:53:01$/,
      /^ip -n CONTAINER route add 169\.254\.1\.1 dev eth0 scope link$/,
      /^ip -n CONTAINER route add default via 169\.254\.1\.1 dev eth0$/,
      /^ip -n CONTAINER -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0$/,
      /^ip -n CONTAINER addr add 10\.65\.0\.\d+\/32 dev eth0$/,
      /^ip -n CONTAINER addr add fd65::\w+\/128 dev eth0$/,
      /^ip netns exec CONTAINER sysctl -w net\.ipv4\.ip_forward=0$/,
      /^ip route add 10\.65\.0\.\d+ dev cali\w+ scope link$/,
      /^kubectl annotate pod -n shop web-0 --overwrite .*cni\.projectcalico\.org\/podIP=10\.65\.0\.\d+\/32/,
    ].map(at)
    expect(order).not.toContain(-1)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('del tells what is taken back [cni.md §7]', () => {
    expect(steps('del').map(({ who }) => who)).toEqual(['calico', 'calico', 'calico-ipam', 'runtime'])
    expect(steps('del')[1]?.commands).toEqual(['ip -n CONTAINER link del eth0'])
  })

  it('prints steps with numbers for people', () => {
    const { stdout } = cli.run(['cni', 'add', 'web-0', '-f', 'cluster.yaml', '-q'])
    expect(stdout).toMatch(/^ 1 runtime: makes a network namespace/)
    expect(stdout).toMatch(
      /^ 4 calico-ipam: assigns 10\.65\.0\.\d+ and fd65::\w+ on n1, handle k8s-pod-network\.CONTAINER$/m,
    )
  })

  it('has nothing to tell of a pod in the network of its node', () => {
    const { status, stderr } = cli.run(['cni', 'add', 'shop/agent', '-f', 'cluster.yaml', '-q'])
    expect([status, stderr]).toEqual([2, expect.stringContaining('a pod with a network of its own')])
  })
})

// Manifests of installers, load as people have them: which release they tell, with which backend, pools and MTU, and what of them is said
// not to be modelled. The files have the structure of the real ones, without what no packet sees.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const FOLDER = new URL('../fixtures/manifests/', import.meta.url)

/** What every cluster has besides: two nodes with a pod each. */
const CLUSTER = ['1', '2']
  .map(
    (n) => `---
apiVersion: v1
kind: Node
metadata: {name: n${n}}
status: {addresses: [{type: InternalIP, address: 10.0.0.1${n}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p${n}, namespace: default}
spec: {nodeName: n${n}, containers: [{name: c}]}
`,
  )
  .join('')

const ASSUMED = 'v3.32.1'
type Row = [file: string, release: string, backend: string, pool: string, mtu: number, notModelled?: RegExp]

const ROWS: Row[] = [
  ['calico-v3.16', 'v3.16.10', 'bird', '192.168.0.0/16 IPIP Always, VXLAN Never, /26', 1440],
  ['calico-v3.18', 'v3.18.6', 'bird', '192.168.0.0/16 IPIP Always, VXLAN Never, /26', 1480],
  ['calico-v3.20', 'v3.20.6', 'bird', '10.244.0.0/16 IPIP Always, VXLAN Never, /26', 1480],
  ['calico-v3.22-vxlan', 'v3.22.5', 'vxlan', '192.168.0.0/16 IPIP Never, VXLAN Always, /26', 1450],
  ['calico-v3.24', 'v3.24.6', 'bird', '192.168.0.0/16 IPIP Always, VXLAN Never, /26', 1480],
  ['calico-v3.26-noencap', 'v3.26.5', 'bird', '192.168.0.0/16 IPIP Never, VXLAN Never, /24', 1500],
  ['calico-v3.28-ipip-crosssubnet', 'v3.28.3', 'bird', '192.168.0.0/16 IPIP CrossSubnet, VXLAN Never, /26', 1480],
  ['calico-v3.30', 'v3.30.4', 'bird', '192.168.0.0/16 IPIP Always, VXLAN Never, /26', 1480],
  ['calico-v3.32', 'v3.32.1', 'bird', '192.168.0.0/16 IPIP Never, VXLAN CrossSubnet, /26', 1450],
  ['k3s-calico', 'v3.27.2', 'vxlan', '10.42.0.0/16 IPIP Never, VXLAN Always, /26', 1450],
  ['microk8s-cni', 'v3.25.1', 'vxlan', '10.1.0.0/16 IPIP Never, VXLAN Always, /26', 1450],
  ['kind', 'v3.29.1', 'bird', '10.244.0.0/16 IPIP Always, VXLAN Never, /26', 1480],
  ['kubespray', ASSUMED, 'bird', '10.233.64.0/18 IPIP Always, VXLAN Never, /26', 1480],
  ['kubespray-defaults', ASSUMED, 'vxlan', '10.233.64.0/18 IPIP Never, VXLAN Always, /26', 1450],
  ['operator-custom-resources', ASSUMED, 'bird', '192.168.0.0/16 IPIP Never, VXLAN CrossSubnet, /26', 1450],
  [
    'operator-custom-resources-bpf',
    ASSUMED,
    'bird',
    '192.168.0.0/16 IPIP Never, VXLAN CrossSubnet, /26',
    1450,
    /linuxDataplane "BPF"/,
  ],
  ['operator-status', 'v3.29.3', 'bird', '10.48.0.0/16 IPIP Always, VXLAN Never, /26', 1440],
  ['rke2-calico', ASSUMED, 'bird', '10.42.0.0/16 IPIP Never, VXLAN Never, /24', 1400],
  ['eks-calico', ASSUMED, 'vxlan', '172.16.0.0/16 IPIP Never, VXLAN Always, /26', 1450],
  ['aks-calico', ASSUMED, 'vxlan', '192.168.0.0/16 IPIP Never, VXLAN Always, /26', 1450],
]

/** Pods are another plugin’s: nothing is guessed, and whose they are is said. */
const OTHERS: [file: string, plugin: RegExp][] = [
  ['rke2-canal', /flannel \(canal\)/],
  ['eks-amazon-vpc', /the AWS VPC CNI/],
  ['aks-azure-cni', /Azure CNI/],
]

function labOf(file: string): Lab {
  const text = readFileSync(new URL(`${file}.yaml`, FOLDER), 'utf8')
  return Lab.load([
    { name: `${file}.yaml`, text },
    { name: 'cluster.yaml', text: CLUSTER },
  ])
}

const notModelled = (lab: Lab): string[] => lab.notes.filter((note) => note.startsWith('not modelled'))

describe('manifests as people have them', () => {
  it.each<Row>(ROWS)('%s is of %s: %s, %s, MTU %i', (file, release, backend, pool, mtu, unmodelled) => {
    const lab = labOf(file)
    const { settings, ipam, workloadEndpoints } = lab.cluster!
    const pools = ipam.pools.map((one) => `${one.cidr} IPIP ${one.ipip}, VXLAN ${one.vxlan}, /${one.blockSize}`)
    expect([settings.version.text, settings.backend, pools]).toEqual([release, backend, [pool]])
    expect(workloadEndpoints.map((one) => one.mtu)).toEqual([mtu, mtu])
    expect(ipam.pools.every(({ natOutgoing }) => natOutgoing)).toBe(true)
    const said = notModelled(lab).join('\n')
    if (unmodelled === undefined) {
      expect(said).toBe('')
      expect(lab.ping('default/p1', 'default/p2').ok).toBe(true)
    } else expect(said).toMatch(unmodelled)
  })

  it.each<[string, RegExp]>(OTHERS)('%s: pods are wired by another plugin', (file, plugin) => {
    const lab = labOf(file)
    expect(lab.cluster!.ipam.pools).toEqual([])
    expect(notModelled(lab).join('\n')).toMatch(plugin)
  })

  it('every file stands in the table', () => {
    const files = readdirSync(FOLDER).map((name) => name.replace(/\.yaml$/, ''))
    expect(files.sort()).toEqual([...ROWS, ...OTHERS].map(([file]) => file).sort())
  })
})

import { Lab, Shell } from '../../src/index.ts'

/** Two nodes in two subnets, three pods. */
export const SHOP = `
apiVersion: v1
kind: Node
metadata: {name: w1, annotations: {projectcalico.org/IPv4Address: 10.0.1.11/24, projectcalico.org/IPv4VXLANTunnelAddr: 10.244.1.0}}
---
apiVersion: v1
kind: Node
metadata: {name: w2, annotations: {projectcalico.org/IPv4Address: 10.0.2.12/24, projectcalico.org/IPv4VXLANTunnelAddr: 10.244.2.0}}
---
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: pods}
spec: {cidr: 10.244.0.0/16, vxlanMode: CrossSubnet, natOutgoing: true}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop}
spec: {nodeName: w1}
status: {podIP: 10.244.1.5}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop}
spec: {nodeName: w1}
status: {podIP: 10.244.1.6}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop}
spec: {nodeName: w2}
status: {podIP: 10.244.2.6}
`

/** The same with another pool. */
export const ipipShop = (): Lab => shop(SHOP.replace('vxlanMode', 'ipipMode'))

/** The same, encrypted. */
export const wireguardShop = (): Lab =>
  shop(`${SHOP.replaceAll('projectcalico.org/IPv4VXLANTunnelAddr: 10.244.1.0', 'projectcalico.org/WireguardPublicKey: "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU=", projectcalico.org/IPv4WireguardInterfaceAddr: 10.244.1.1').replaceAll('projectcalico.org/IPv4VXLANTunnelAddr: 10.244.2.0', 'projectcalico.org/WireguardPublicKey: "enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmE5ODc2NTQ=", projectcalico.org/IPv4WireguardInterfaceAddr: 10.244.2.1').replace('vxlanMode: CrossSubnet, ', '')}---
apiVersion: crd.projectcalico.org/v1
kind: FelixConfiguration
metadata: {name: default}
spec: {wireguardEnabled: true}
`)

/** A lab of the shop, after commands on its nodes: `w1: ip route del …`. */
export function shop(yaml: string = SHOP, commands: readonly string[] = []): Lab {
  const lab = Lab.load({ name: 'shop.yaml', text: yaml })
  for (const command of commands) {
    const [where, ...line] = command.split(': ')
    const result = new Shell(lab, where as string).execute(line.join(': '))
    if (result.stderr !== '') throw new Error(`${command}: ${result.stderr}`)
  }
  return lab
}

// Three nodes in two subnets, ipipMode: CrossSubnet: who is tunnelled, who is not, and why.
import { Lab, renderText } from 'packetwalk'

const node = (name: string, address: string): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}}}
---
apiVersion: v1
kind: Pod
metadata: {name: on-${name}, namespace: default}
spec: {nodeName: ${name}}
---`

const lab = Lab.load(`
${node('rack1-a', '10.1.0.11/24')}${node('rack1-b', '10.1.0.12/24')}${node('rack2-a', '10.2.0.11/24')}
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pods}
spec: {cidr: 192.168.0.0/16, ipipMode: CrossSubnet, natOutgoing: true}
`)

for (const to of ['default/on-rack1-b', 'default/on-rack2-a']) {
  const { trace } = lab.ping('default/on-rack1-a', to)
  const tunnelled = trace.hops.some((hop) => hop.kind === 'encap')
  console.log(`on-rack1-a to ${to}: ${trace.disposition.kind}, ${tunnelled ? 'inside IPIP' : 'not encapsulated'}`)
}
console.log(renderText(lab.ping('default/on-rack1-a', 'default/on-rack2-a').trace))

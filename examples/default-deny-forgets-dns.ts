// The classic mistake: egress is denied by default, one port is opened, and DNS is forgotten. Then it is allowed, too.
import { Lab } from 'packetwalk'

const CLUSTER = `
{apiVersion: v1, kind: Node, metadata: {name: node01, annotations: {projectcalico.org/IPv4Address: 172.17.0.40/16}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: client, namespace: default}, spec: {nodeName: node01}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop, labels: {app: web}}, spec: {nodeName: node01}}
---
{apiVersion: v1, kind: Pod, metadata: {name: coredns-0, namespace: kube-system, labels: {k8s-app: kube-dns}}, spec: {nodeName: node01}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIP: 10.96.0.20, selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: kube-dns, namespace: kube-system}, spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pods}, spec: {cidr: 10.65.0.0/16, natOutgoing: true}}
---`
const policy = (ports: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-web, namespace: default}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [${ports}]}]}
`
for (const ports of ['{port: 80}', '{port: 80}, {port: 53, protocol: UDP}']) {
  const lab = Lab.load(CLUSTER + policy(ports))
  const ask = lab.policy({ from: 'default/client', to: 'svc/kube-system/kube-dns', port: 'dns' })
  console.log(`egress ${ports}: the question to DNS is ${ask.verdict}`)
  console.log(
    `default/client$ curl -m 2 http://web.shop\n${lab.sh('default/client', 'curl -m 2 http://web.shop').stderr}`,
  )
}

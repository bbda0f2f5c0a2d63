// A ClusterIP is an address nobody has: which endpoint is chosen, what is translated, and what the answer comes back as.
import { Lab, renderText } from 'packetwalk'

const node = (name: string, last: number): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: 172.17.0.${last}/16}}}\n---`
const web = (name: string, where: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: shop, labels: {app: web}}, spec: {nodeName: ${where}}}\n---`

const lab = Lab.load(`
${node('node01', 40)}
${node('node02', 41)}
{apiVersion: v1, kind: Pod, metadata: {name: client, namespace: default}, spec: {nodeName: node01}}
---
${web('web-0', 'node01')}
${web('web-1', 'node02')}
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.20, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pods}
spec: {cidr: 10.65.0.0/16, ipipMode: Always, natOutgoing: true}
`)

const run = lab.tcp('default/client', 'svc/shop/web', 'http')
console.log(renderText(run.trace))
console.log(lab.sh('node01', 'conntrack -L').stdout)
console.log(lab.sh('node01', 'iptables -t nat -nvL KUBE-SERVICES').stdout)

// Pods of the namespace default may not reach the database: who denies the packet, and what policy says without one.
import { readFileSync } from 'node:fs'
import { Lab, renderText } from 'packetwalk'

const demo = readFileSync(new URL('./demo/ipip.yaml', import.meta.url), 'utf8')
const lab = Lab.load([
  { name: 'ipip.yaml', text: demo },
  {
    name: 'policy.yaml',
    text: `
{apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop, labels: {role: db}}, spec: {nodeName: node01}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop, labels: {app: web}}, spec: {nodeName: controlplane}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-from-shop, namespace: shop}
spec:
  podSelector: {matchLabels: {role: db}}
  ingress:
  - from: [{podSelector: {}}]
    ports: [{port: 5432}]
`,
  },
])
// The database is on node01: a client on the other node.
const pods = lab.cluster?.workloadEndpoints ?? []
const client = pods.find((pod) => pod.namespace === 'default' && pod.node === 'controlplane')
if (client === undefined) throw new Error('the demo has a pod of the namespace default on controlplane')

for (const from of [client.netns, 'shop/web-0']) {
  const { verdict, flows } = lab.policy({ from, to: 'shop/db-0', port: 5432 })
  const why = flows[0]?.ends.map((end) => `\n  ${end.endpoint} ${end.direction}: ${end.why}`) ?? []
  console.log(`${from}: ${verdict}${why.join('')}`)
}
console.log(`\n${renderText(lab.tcp(client.netns, 'shop/db-0', 5432).trace)}`)

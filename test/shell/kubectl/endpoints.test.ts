// What `kubectl get endpoints` shows: what is stored, be it of Endpoints or of slices, and else what its controller would have written.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import { Shell } from '../../../src/shell/index.ts'

const TEXT = readFileSync(new URL('../../lab/transcripts/clusters/three-nodes.yaml', import.meta.url), 'utf8')

const pod = (name: string, ip: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: shop } }
spec: { nodeName: w1, containers: [{ name: c, image: nginx }] }
status: { phase: Running, podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
---`
const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { clusterIP: 10.96.0.77, selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
---`
const slice = (name: string, type: string, ...endpoints: readonly string[]) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: shop-${name}, labels: { kubernetes.io/service-name: shop } }
addressType: ${type}
ports: [{ name: '', port: 9090, protocol: TCP }]
endpoints: [${endpoints.join(', ')}]
---`
const at = (address: string, conditions: string) => `{ addresses: ['${address}'], conditions: { ${conditions} } }`

function shown(...more: readonly string[]): string {
  const lab = Lab.load({ name: 'cluster.yaml', text: [TEXT, ...more].join('\n---\n') })
  const { stdout } = new Shell(lab).executeOn('w1', 'kubectl get endpoints shop --no-headers')
  return stdout.trimEnd().split(/ +/)[1] ?? ''
}

const PODS = pod('shop-0', '10.244.1.77')

describe('the endpoints of a Service', () => {
  it.each<[string, readonly string[], string]>([
    ['of which nothing is stored: its pods that are ready', [PODS, SERVICE], '10.244.1.77:8080'],
    [
      'of which slices are stored: what these say is ready',
      [PODS, SERVICE, slice('a', 'IPv4', at('10.244.1.77', 'ready: true'), at('10.244.1.78', 'ready: false'))],
      '10.244.1.77:9090',
    ],
    ['of which a slice tells of nobody', [PODS, SERVICE, slice('a', 'IPv4')], '<none>'],
    [
      'of several slices, those of its family',
      [
        PODS,
        SERVICE,
        slice('a', 'IPv4', at('10.244.1.78', 'ready: true')),
        slice('b', 'IPv4', at('10.244.1.77', '')),
        slice('c', 'IPv6', at('fd00::1', 'ready: true')),
      ],
      '10.244.1.77:9090,10.244.1.78:9090',
    ],
    [
      'of which one ends',
      [PODS, SERVICE, slice('a', 'IPv4', at('10.244.1.77', 'ready: false, serving: true, terminating: true'))],
      '<none>',
    ],
  ])('%s', (_, objects, wanted) => {
    expect(shown(...objects)).toBe(wanted)
  })

  it('stay as they were while nobody writes them', () => {
    const lab = Lab.load({ name: 'cluster.yaml', text: [TEXT, PODS, SERVICE].join('\n---\n') }, { delays: 'calico' })
    const shell = new Shell(lab)
    const seen = () => shell.executeOn('w1', 'kubectl get endpoints shop --no-headers').stdout.split(/ +/)[1]
    const before = seen()
    lab.occur({ kind: 'agent', agent: 'kube-controller-manager', action: 'stop' })
    lab.delete({ kind: 'Pod', namespace: 'default', name: 'shop-0' })
    lab.quiet()
    expect([before, seen()]).toEqual(['10.244.1.77:8080', '10.244.1.77:8080'])
    lab.occur({ kind: 'agent', agent: 'kube-controller-manager', action: 'start' })
    lab.quiet()
    expect(seen()).toBe('<none>')
  })
})

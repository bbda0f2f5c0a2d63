// Endpoints follow pods only while kube-controller-manager runs.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { plainNetwork } from '../properties/plain-network.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string, labels = 'app: web'): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {${labels}}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const service = (name: string, app = 'web'): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {clusterIP: 10.96.0.${name.length + 10}, selector: {app: ${app}}, ports: [{port: 80}]}}`
const POOL = '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16}}'
const SLICE = (address: string): string =>
  `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-given, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, endpoints: [{addresses: [${address}], targetRef: {kind: Pod, name: a}}], ports: [{name: '', port: 80}]}`
const TWO = [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), POOL, service('web')]
  .concat(pod('a', 'node1'), pod('client', 'node2', ''))
  .join('\n---\n')

const open = (delays: 'calico' | 'instant', more = ''): Lab => Lab.load(TWO + more, { delays })
const act = (lab: Lab, action: 'stop' | 'start'): Lab =>
  lab.occur({ kind: 'agent', agent: 'kube-controller-manager', action })
const away = (delays: 'calico' | 'instant', more = ''): Lab => act(open(delays, more), 'stop').quiet()
/** Addresses that kube-proxy of a node leads to. */
const ends = (lab: Lab, of = 'web'): string[] =>
  [...lab.sh('node2', 'iptables-save -t nat').stdout.matchAll(/default\/(\S+?)" .*--to-destination (\S+):80/g)]
    .filter(([, name]) => name === of)
    .map(([, , address]) => address!)
    .sort()
const addressOf = (lab: Lab, name: string): string => lab.endpoint(`default/${name}`).address!

describe.each(['calico', 'instant'] as const)('without kube-controller-manager (delays: %s)', (delays) => {
  it('what kube-proxy has written stays as it is when it stops', () => {
    const lab = open(delays)
    const before = ends(lab)
    act(lab, 'stop').quiet()
    expect(ends(lab)).toEqual(before)
    expect(before).toEqual([addressOf(lab, 'a')])
  })

  it('a new pod is no endpoint, until it runs again', () => {
    const lab = away(delays)
    const a = addressOf(lab, 'a')
    lab.apply(pod('b', 'node2')).quiet()
    expect(lab.pods).toContain('default/b')
    expect(ends(lab)).toEqual([a])
    act(lab, 'start').quiet()
    expect(ends(lab)).toEqual([a, addressOf(lab, 'b')].sort())
  })

  it('a pod that goes stays one, and who is sent there is lost', () => {
    const lab = away(delays)
    const a = addressOf(lab, 'a')
    lab.delete({ kind: 'Pod', name: 'a' }).quiet()
    expect(ends(lab)).toEqual([a])
    expect(lab.tcp('default/client', '10.96.0.13', 80).ok).toBe(false)
    act(lab, 'start').quiet()
    expect(ends(lab)).toEqual([])
  })

  it('a pod with other labels stays one', () => {
    const lab = away(delays)
    const before = ends(lab)
    lab.apply(pod('a', 'node1', 'app: db')).quiet()
    expect(ends(lab)).toEqual(before)
    act(lab, 'start').quiet()
    expect(ends(lab)).toEqual([])
  })

  it('a new Service has no endpoints', () => {
    const lab = away(delays)
    lab.apply(service('late')).quiet()
    expect(ends(lab, 'late')).toEqual([])
    expect(lab.sh('node1', 'kubectl get endpointslices').stdout).toMatch(/^late-\w+ +IPv4 +<unset> +<unset>/m)
    act(lab, 'start').quiet()
    expect(ends(lab, 'late')).toEqual([addressOf(lab, 'a')])
  })

  it('EndpointSlices that were given stay, and are written anew when their pods are others', () => {
    const address = addressOf(open(delays), 'a')
    const lab = away(delays, `\n---\n${SLICE(address)}`)
    lab.apply(pod('b', 'node2')).quiet()
    expect(ends(lab)).toEqual([address])
    act(lab, 'start').quiet()
    expect(ends(lab)).toEqual([address, addressOf(lab, 'b')].sort())
  })

  it('stopped and started, with nothing between: all is as before', () => {
    const lab = open(delays)
    const before = plainNetwork(lab.network)
    act(act(lab, 'stop').quiet(), 'start').quiet()
    expect(plainNetwork(lab.network)).toEqual(before)
    expect(lab.objects!.endpointSlices).toEqual([])
  })
})

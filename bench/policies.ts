import { Lab } from 'packetwalk'
import { TcpListener, TcpSock } from 'packetwalk/dataplane'
import { type Ipv4, ipv4ToNumber } from 'packetwalk/wire'
import { clusterResources } from './cluster.ts'
import { microseconds, type Row } from './measure.ts'
import { pinger } from './pinger.ts'
import { plainPing } from './yardstick.ts'

const PODS = 30
const PORT = 80
const RULES = { policies: 200, services: 300 }

/** A cluster of two nodes with policies and Services, and a pod on each. */
function twoNodes(record: boolean): {
  readonly lab: Lab
  readonly from: string
  readonly to: string
  readonly address: Ipv4
} {
  const lab = Lab.fromResources(clusterResources(2, PODS, 'ipip', RULES), { record })
  const all = lab.cluster?.workloadEndpoints ?? []
  const from = all[0]
  const to = all.find(({ node }) => node !== from?.node)
  if (from === undefined || to === undefined) throw new Error('two pods are needed')
  return { lab, from: from.netns, to: to.netns, address: to.addresses[0] as Ipv4 }
}

function timed(name: string, run: () => void): Row {
  const value = microseconds(run)
  return { name, value, unit: 'µs', ratio: value / microseconds(plainPing, 50, 100) }
}

/** Pings and TCP connections from pod to pod through the chains that policies and Services become. */
export function* policies(): Iterable<Row> {
  for (const record of [true, false]) {
    const words = record ? 'all records' : 'no recorder'
    const { lab, from, to, address } = twoNodes(record)
    yield timed(`ping, rendered chains, ${words}`, pinger(lab, from, address).ping)
    yield timed(`TCP connect, rendered chains, ${words}`, connector(lab, from, to, address))
  }
}

/** Connects and closes, again and again; every connection is new to the nodes. */
function connector(lab: Lab, from: string, to: string, address: Ipv4): () => void {
  const { simulation, recorder } = lab
  const listener = new TcpListener(simulation.netns(to), 'inet')
  listener.listen(0, PORT)
  const nodes = Object.values(lab.network.namespaces).filter(({ role }) => role === 'node')
  return () => {
    recorder?.clear()
    for (const { name } of nodes) simulation.netns(name).nf?.flushConntrack()
    const socket = new TcpSock(simulation.netns(from), 'inet')
    let isUp = false
    socket.onConnect = () => {
      isUp = true
    }
    socket.connect(ipv4ToNumber(address), PORT)
    simulation.run(simulation.clock.now)
    if (!isUp) throw new Error(`no connection to ${address}`)
    socket.close()
    simulation.run(simulation.clock.now)
  }
}

const OTHERS = { from: [{ podSelector: { matchLabels: { app: 'other' } } }] }

/** The policy that selects the first pod, as a user's file has it: what it lets in changes from edit to edit. */
function policyText(edits: number): string {
  const from = { from: [{ podSelector: { matchLabels: { app: 'web' } } }] }
  const ingress = edits % 2 === 0 ? [from] : [OTHERS, from]
  const spec = { podSelector: { matchLabels: { group: 'g0' } }, ingress }
  const metadata = { name: 'policy-0', namespace: 'default' }
  return JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }, null, 2)
}

/** One policy edited in a running lab, then a ping to a pod it selects, from another node, and what is told of it. */
export function* policyEdit(): Iterable<Row> {
  for (const [nodes, rules] of [
    [100, RULES],
    [5000, { policies: 1000, services: 5000 }],
  ] as const) {
    const lab = Lab.fromResources(clusterResources(nodes, PODS, 'ipip', rules))
    const all = lab.cluster?.workloadEndpoints ?? []
    const [to] = all
    const from = all.find(({ node }) => node !== to?.node)
    if (from === undefined || to === undefined) throw new Error('two pods are needed')
    const trace = (): void => {
      const run = lab.ping(from.netns, to.netns)
      if (!run.trace.ok) throw new Error(run.outcome)
    }
    trace()
    let edits = 0
    const edit = (): void => {
      lab.apply(policyText(edits++))
      trace()
    }
    const value = microseconds(edit, 40, 400) / 1000
    const unedited = microseconds(trace, 40, 100) / 1000
    const note = `a trace without edit ${unedited.toFixed(2)} ms`
    yield { name: `one policy edited → next trace, ${nodes} nodes`, value, unit: 'ms', note }
  }
}

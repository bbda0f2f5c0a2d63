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

/** A rule of a policy's chain changes on a node, as when Felix writes an edited policy; then the next trace. */
export function* policyEdit(): Iterable<Row> {
  for (const [nodes, rules] of [
    [100, RULES],
    [5000, { policies: 1000, services: 5000 }],
  ] as const) {
    const lab = Lab.fromResources(clusterResources(nodes, PODS, 'ipip', rules))
    const all = lab.cluster?.workloadEndpoints ?? []
    const [from] = all
    const to = all.find(({ node }) => node !== from?.node)
    if (from === undefined || to === undefined) throw new Error('two pods are needed')
    lab.ping(from.netns, to.netns)
    const edit = (): void => {
      lab.sh(to.node, 'iptables -I cali-FORWARD -s 192.0.2.1/32 -j DROP')
      lab.ping(from.netns, to.netns)
      lab.sh(to.node, 'iptables -D cali-FORWARD -s 192.0.2.1/32 -j DROP')
    }
    const value = microseconds(edit, 20, 200) / 1000
    yield { name: `a rule edited → next trace, ${nodes} nodes`, value, unit: 'ms', note: 'inserted, traced, deleted' }
  }
}

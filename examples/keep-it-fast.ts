// Many questions to one cluster: one lab, no records where only the answer counts, a snapshot instead of a new lab.
import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'
import { RawSock } from 'packetwalk/dataplane'
import { buildIcmp, echoWord, ipv4ToNumber } from 'packetwalk/wire'

const yaml = readFileSync(new URL('./demo/ipip.yaml', import.meta.url), 'utf8')

// One lab for all questions: what packets have made known (neighbours, routes, connections) is used again.
const lab = Lab.load(yaml)
const pods = lab.pods.filter((pod) => !pod.startsWith('kube-system/'))
const pairs = pods.flatMap((from) => pods.filter((to) => to !== from).map((to) => [from, to] as const))
const reached = pairs.filter(([from, to]) => lab.ping(from, to).ok).length
console.log(`${reached} of ${pairs.length} pairs of pods reach each other`)

// What if: go back to a moment instead of building the cluster again.
const start = lab.snapshot()
const answers = [1440, 1300, 1000].map((mtu) => {
  lab.restore(start).edit(({ namespaces }) => {
    const eth0 = namespaces[pods[0] as string]?.interfaces['eth0']
    if (eth0) eth0.mtu = mtu
  })
  return `mtu ${mtu}: ${lab.ping(pods[0] as string, pods[1] as string, { size: 1200, pmtudisc: 'do' }).outcome}`
})
console.log(answers.join('\n'))

// Load: a lab that does not record, and its simulation asked directly. A ping is a few microseconds then.
const { simulation, cluster } = Lab.load(yaml, { record: false })
const [from, to] = (cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
const socket = new RawSock(simulation.netns(from?.netns ?? ''), 'inet', 1)
let replies = 0
socket.onReceive = () => replies++
for (let i = 0; i < 10_000; i++) {
  const echo = new Uint8Array(64)
  buildIcmp(echo, 0, echo.length, { type: 8, code: 0, restOfHeader: echoWord(1, i) })
  socket.sendTo(echo, ipv4ToNumber(to?.addresses[0] ?? ''))
  simulation.run(simulation.clock.now)
}
console.log(`${replies} replies to 10000 pings`)

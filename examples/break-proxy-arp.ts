// Switch proxy ARP off on the host end of a pod's veth: the ping fails, and the trace says why. Then undo it.
import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'

const lab = Lab.load(readFileSync(new URL('./demo/ipip.yaml', import.meta.url), 'utf8'))
const [a, b] = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
if (a === undefined || b === undefined) throw new Error('the demo has two pods in the namespace default')

const before = lab.network
lab.edit(({ namespaces }) => {
  const node = namespaces[a.node]
  if (node) node.sysctls[`net.ipv4.conf.${a.interfaceName}.proxy_arp`] = '0'
})
const broken = lab.ping(a.netns, b.netns)
console.log(broken.stdout)
console.log(broken.trace.summary)

lab.setNetwork(before).wait(60)
console.log(lab.ping(a.netns, b.netns).stdout)

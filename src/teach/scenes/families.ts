import { pairPlan } from '../pair.ts'
import type { SceneRow } from '../plan.ts'
import { routeOn } from '../seen.ts'
import { poolText } from '../written.ts'

/** IPv6 alone. */
export const IPV6: SceneRow = {
  name: 'ipv6',
  title: 'The same in IPv6',
  summary: 'The gateway of a pod is the link-local address of its host end; neighbour discovery does what ARP did.',
  shows: [
    'fe80::ecee:eeff:feee:eeee instead of 169.254.1.1',
    'neighbour solicitations, to a multicast group',
    'a /122 block',
  ],
  plan: (ground) => {
    const [a] = ground.nodes
    return {
      ...pairPlan(
        ground,
        [poolText(ground.pool6, 'natOutgoing: true', 'No tunnel: packets leave as pods sent them.')],
        { families: 6 },
      ),
      question: `What is the gateway of default/${ground.pods[0]}, and which route does ${a.name} use?`,
      truth: ({ trace }) => {
        const gateway = trace.hops.find((hop) => hop.kind === 'route')
        const via = gateway?.kind === 'route' ? gateway.via : ''
        return `The gateway is ${via}, the host end’s own link-local address: no proxy is needed. ${a.name} uses ${routeOn(trace, a.name)}. ${trace.summary}`
      },
    }
  },
}

/** Both families, each its own way. */
export const DUAL_STACK: SceneRow = {
  name: 'dual-stack',
  title: 'Two families side by side',
  summary: 'A pod has an address of each family; each has its own pool, encapsulation and routes.',
  shows: ['two addresses on eth0', 'IPv4 through a tunnel, IPv6 as it is, between the same pods', 'two routing tables'],
  plan: (ground, draw) => {
    const [a] = ground.nodes
    const [client, server] = ground.pods
    const mode = draw.pick(['ipipMode', 'vxlanMode'])
    return {
      ...pairPlan(
        ground,
        [
          poolText(ground.pool, `${mode}: Always, natOutgoing: true`, 'IPv4: through a tunnel.', 'pods-v4'),
          poolText(ground.pool6, 'natOutgoing: true', 'IPv6: as it is.', 'pods-v6'),
        ],
        { families: 46 },
      ),
      question: `default/${client} reaches default/${server} by both families. Which of the two ways is through a tunnel, and how many bytes longer is the frame between the nodes there?`,
      truth: ({ trace }, lab) => {
        const six = lab.endpoint(`default/${server}`).addresses.find((one) => one.includes(':')) ?? ''
        const other = lab.ping(`default/${client}`, six).trace
        return `IPv4: ${routeOn(trace, a.name)}. IPv6: ${routeOn(other, a.name)}. Each family follows its own pool; a name that resolves to both may fail in one of them alone.`
      },
    }
  },
}

import { lackingPattern, literalPattern } from '../../model/index.ts'
import { addressAt, addressCount, contains, type Ip, parsePrefix, prefixLength } from '../../wire/index.ts'
import { broken, ping, unharmed } from '../flows.ts'
import { apply, type InjectionDraft, scene } from '../injection.ts'
import { nameFor, serviceOf } from '../made.ts'
import { addressOf, anyCrossing, crossing, lacks, type Pair, pairWith, type Situation, wayTo } from '../situation.ts'
import { cardOf, underlayOf } from '../underlay-edit.ts'
import { nodeAddress } from './kernel.ts'
import { felixSettings } from './netfilter.ts'
import { poolsWith } from './services.ts'

/** F14 */
export function tunnelOfPod(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const to = (port: number) => ({ kind: 'udp', from: client.netns, to: server.netns, port }) as const
  return {
    at: client.netns,
    steps: [
      scene(
        apply('pods may send VXLAN of their own', felixSettings(situation, { allowVXLANPacketsFromWorkloads: true })),
      ),
      apply(
        'a pod sends VXLAN of its own, and nothing allows it',
        felixSettings(situation, { allowVXLANPacketsFromWorkloads: false }),
      ),
    ],
    shows: [broken(to(4789), 'timeout', client.node, 'netfilter_drop'), unharmed(to(4790))],
    confirm: [
      {
        host: client.node,
        line: `iptables -S cali-fw-${client.interfaceName}`,
        shows: '--dports? 4789 .*-j DROP',
        because: 'a rule of every pod drops what is encapsulated in pods',
      },
    ],
  }
}

/** F19 */
export function hostBehindWireguard(situation: Situation): InjectionDraft {
  const { client, server } = crossing(situation, ['wireguard'], 'wireguard')
  return {
    at: client.node,
    steps: [
      scene(
        apply(
          'what nodes say to each other is encrypted, too',
          felixSettings(situation, { wireguardHostEncryptionEnabled: true }),
        ),
      ),
      apply(
        'what pods say to nodes keeps their addresses, and what nodes say is not encrypted',
        ...poolsWith(situation, { natOutgoing: false }),
        felixSettings(situation, { wireguardHostEncryptionEnabled: false }),
      ),
    ],
    shows: [
      {
        ask: { kind: 'tcp', from: client.netns, to: `node/${server.node}`, port: 6443 },
        after: 'timeout',
        lost: { netns: client.node, causes: ['wireguard_bad_source'] },
      },
      unharmed(ping({ client, server })),
    ],
    confirm: [
      {
        host: client.node,
        line: 'wg show wireguard.cali allowed-ips',
        shows: lackingPattern(`${literalPattern(nodeAddress(situation, server))}/32`),
        because: `the peer may send from ranges of pods, not from ${nodeAddress(situation, server)}`,
      },
    ],
  }
}

/** F57 */
export function halfConversation(situation: Situation): InjectionDraft {
  // Bare packets would be redirected: the machine learns the direct way.
  const fits = ({ client, server }: Pair): boolean =>
    ['ipip', 'vxlan'].includes(wayTo(situation, client.node, server) ?? '') &&
    cardOf(situation, client.node).segment === cardOf(situation, server.node).segment
  const { client, server } = pairWith(situation, fits, 'tunnel')
  const underlay = underlayOf(situation)
  const { segment } = cardOf(situation, server.node)
  const range = underlay.spec.segments.find(({ name }) => name === segment)
  const prefix = [range?.cidr ?? '', ...(range?.cidrs ?? [])]
    .flatMap((text) => parsePrefix(text) ?? [])
    .find((one) => contains(one, nodeAddress(situation, server)))
  if (prefix === undefined) throw lacks(situation, 'two-nodes')
  const all = JSON.stringify(underlay.spec)
  const free = Array.from({ length: Math.min(200, addressCount(prefix) - 3) }, (_, i) => addressAt(prefix, i + 2)).find(
    (one) => contains(prefix, one) && !all.includes(`"${one}/`) && !all.includes(`"${one}"`),
  ) as Ip
  const { service, slice } = serviceOf(situation, [server], { port: { port: 80, targetPort: 8080 } })
  const name = nameFor(situation, 'client')
  const address = addressOf(server)
  const machine = {
    name,
    interfaces: [{ name: 'eth0', segment, address: `${free}/${prefixLength(prefix)}` }],
    routes: [`${address} via ${nodeAddress(situation, client)} dev eth0`],
  }
  return {
    at: client.node,
    steps: [
      apply('a Service is there: kube-proxy drops what is INVALID', service, slice),
      apply(
        `a machine beside the nodes has one static route to pods, by ${client.node}; ${server.node} answers it directly`,
        {
          ...underlay,
          spec: { ...underlay.spec, nodes: [...underlay.spec.nodes, machine] },
        },
      ),
    ],
    shows: [
      {
        ask: { kind: 'tcp', from: name, to: server.netns, port: 8080 },
        after: 'timeout',
        lost: { netns: client.node, causes: ['netfilter_drop'] },
      },
      { ask: { kind: 'ping', from: name, to: server.netns }, after: 'works' },
    ],
    confirm: [
      {
        host: client.node,
        line: 'iptables -vnL KUBE-FORWARD',
        shows: 'DROP.*INVALID',
        because: 'the acknowledgement belongs to no connection that this node has seen answered',
      },
    ],
  }
}

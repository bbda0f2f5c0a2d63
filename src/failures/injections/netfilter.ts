import type { FelixConfigurationResource } from '../../control/index.ts'
import { broken, ping, tcp } from '../flows.ts'
import { apply, type InjectionDraft, scene, type } from '../injection.ts'
import { anyCrossing, podAt, type Situation } from '../situation.ts'

/** The settings of Felix for all nodes, with some changed. */
export function felixSettings(
  { cluster }: Situation,
  spec: Readonly<Record<string, unknown>>,
): FelixConfigurationResource {
  const name = 'default'
  const known = cluster.resources.felixConfigurations.find(({ metadata }) => metadata.name === name)
  const fresh = { apiVersion: 'projectcalico.org/v3', kind: 'FelixConfiguration', metadata: { name } } as const
  return { ...fresh, ...known, spec: { ...known?.spec, ...spec } }
}

/** F50 */
export function forwardPolicy(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  return {
    at: node,
    steps: [
      apply(
        'Felix returns what it allows, and leaves it to the rules behind its own',
        felixSettings(situation, { iptablesFilterAllowAction: 'Return' }),
      ),
      type(node, 'iptables -P FORWARD DROP', `Docker sets the policy of FORWARD on ${node} to DROP`),
    ],
    shows: [broken(ping(pair), 'timeout', node, 'netfilter_drop')],
    confirm: [
      { host: node, line: 'iptables -L FORWARD', shows: 'policy DROP', because: 'what no rule accepts is dropped' },
    ],
    mends: [type(node, 'iptables -P FORWARD ACCEPT', 'what no rule drops passes')],
  }
}

/** F51 */
export function hostFirewall(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  const rule = 'FORWARD -j REJECT --reject-with icmp-admin-prohibited'
  return {
    at: node,
    steps: [
      type(
        node,
        `iptables -I ${rule}`,
        `the firewall manager of ${node} rejects what is routed, before Calico is asked`,
      ),
    ],
    shows: [broken(tcp(pair), 'unreach-host', node, 'netfilter_drop')],
    confirm: [
      {
        host: node,
        line: 'iptables -S FORWARD',
        shows: 'reject-with icmp-admin-prohibited',
        because: 'a rule that is not of Calico stands first',
      },
    ],
    mends: [type(node, `iptables -D ${rule}`, 'the firewall manager is disabled')],
  }
}

/** F70 */
export function ownNode(situation: Situation): InjectionDraft {
  const client = podAt(situation)
  const ask = { kind: 'ping', from: client.netns, to: `node/${client.node}` } as const
  return {
    at: client.node,
    steps: [
      scene(
        apply(
          'Felix accepts what pods say to their own node, as manifests of Calico have it',
          felixSettings(situation, { defaultEndpointToHostAction: 'Accept' }),
        ),
      ),
      apply(
        'Felix drops what pods say to their own node',
        felixSettings(situation, { defaultEndpointToHostAction: 'Drop' }),
      ),
    ],
    shows: [broken(ask, 'timeout', client.node, 'netfilter_drop')],
    confirm: [
      {
        host: client.node,
        line: 'iptables -S cali-wl-to-host',
        shows: '-j DROP',
        because: 'the chain for what pods say to their node ends with DROP',
      },
    ],
  }
}

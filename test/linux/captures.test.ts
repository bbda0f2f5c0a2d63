import { describe, expect, it } from 'vitest'
import { iptablesRuleText, parseNamespaceDump, printNamespaceDump } from '../../src/linux/index.ts'
import {
  compareRoutes,
  hasCarrier,
  kernelRoutes,
  linkSource,
  type Route,
  sysctlOf,
  validate,
} from '../../src/model/index.ts'
import { plain } from '../support/plain.ts'
import { allScenarios } from '../support/scenarios.ts'

const loaded = [...allScenarios()]
const namespaces = loaded.flatMap(({ name, scenario, state }) =>
  Object.values(scenario.network.namespaces).map((ns) => ({
    where: `${name}/${ns.name}`,
    ns,
    network: scenario.network,
    files: state[ns.name]!,
  })),
)

describe('the dumps of all captures', () => {
  it('are many', () => {
    expect(loaded.length).toBe(105)
    expect(namespaces.length).toBeGreaterThan(1000)
  })

  it('parse without an issue', () => {
    expect(loaded.flatMap(({ name, scenario }) => scenario.issues.map((issue) => [name, issue]))).toEqual([])
  })

  it('make networks that validate', () => {
    expect(loaded.flatMap(({ name, scenario }) => validate(scenario.network).map((issue) => [name, issue]))).toEqual([])
  })

  it('hold no rule packetwalk does not model', () => {
    const unsupported: string[] = []
    for (const { where, ns } of namespaces) {
      for (const table of Object.values(ns.iptables?.tables ?? {})) {
        for (const chain of Object.values(table.chains)) {
          for (const rule of chain.rules) {
            if ([...rule.matches, rule.target].some((part) => part?.kind === 'unsupported'))
              unsupported.push(`${where} ${rule.text}`)
          }
        }
      }
    }
    expect(unsupported).toEqual([])
  })

  it('keep no secret key', () => {
    const secrets = loaded.flatMap(({ state }) =>
      Object.values(state).flatMap((files) =>
        String(files['wg.txt'] ?? '')
          .split('\n')
          .map((line) => line.split('\t'))
          .filter((columns) => columns.length === 5)
          .map((columns) => columns[1]!),
      ),
    )
    expect(secrets.length).toBeGreaterThan(10)
    const all = JSON.stringify(namespaces.map(({ ns }) => ns.interfaces))
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
  })

  it('are in the order the model sorts routes in', () => {
    const wrong = namespaces.filter(({ ns }) =>
      ns.routes.some((route, i) => i > 0 && compareRoutes(ns.routes[i - 1]!, route) > 0),
    )
    expect(wrong.map(({ where }) => where)).toEqual([])
  })

  it('hold exactly the kernel routes the model makes from the addresses', () => {
    const key = (route: Route): string =>
      [route.type, route.dst, route.dev, route.table, route.scope, route.src, route.metric].join(' ')
    for (const { where, ns } of namespaces) {
      const made = Object.values(ns.interfaces).flatMap((link) =>
        kernelRoutes(link, {
          forwarding6: sysctlOf(ns, `net.ipv6.conf.${link.name.replaceAll('.', '/')}.forwarding`) === '1',
        }),
      )
      const dumped = ns.routes.filter((route) => route.protocol === 'kernel')
      expect([where, ...made.map(key).sort()]).toEqual([where, ...dumped.map(key).sort()])
    }
  })

  it('agree with the carrier the model derives from the wires', () => {
    const wrong = namespaces.flatMap(({ where, ns, network }) =>
      Object.values(ns.interfaces)
        .filter((link) => hasCarrier(linkSource(network), ns.name, link.name) !== (link.up && link.carrier))
        .map((link) => `${where}/${link.name}`),
    )
    expect(wrong).toEqual([])
  })

  it('give back the text of every rule from its parts', () => {
    let count = 0
    for (const { ns } of namespaces) {
      for (const table of Object.values(ns.iptables?.tables ?? {})) {
        for (const [name, chain] of Object.entries(table.chains)) {
          for (const rule of chain.rules) {
            const { text, ...parts } = rule
            expect(iptablesRuleText(name, parts, 'inet')).toBe(text)
            count += 1
          }
        }
      }
    }
    expect(count).toBeGreaterThan(8000)
  })
})

/** Fields of `ip -j -d` that packetwalk does not keep, by the name of the field. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  // queues, offloads and limits of the driver
  ...['promiscuity', 'allmulti', 'min_mtu', 'max_mtu', 'num_tx_queues', 'num_rx_queues', 'gro_max_size'],
  ...['gso_max_size', 'gso_max_segs', 'tso_max_size', 'tso_max_segs'],
  // spanning tree, timers, multicast querier and VLANs of a bridge
  ...['forward_delay', 'hello_time', 'max_age', 'priority', 'bridge_id', 'root_id', 'root_port', 'root_path_cost'],
  ...['topology_change', 'topology_change_detected', 'hello_timer', 'tcn_timer', 'topology_change_timer', 'gc_timer'],
  ...[
    'vlan_protocol',
    'vlan_default_pvid',
    'vlan_stats_enabled',
    'vlan_stats_per_port',
    'group_fwd_mask',
    'group_addr',
  ],
  ...['no_linklocal_learn', 'mcast_vlan_snooping', 'mcast_router', 'mcast_query_use_ifaddr', 'mcast_querier'],
  ...['mcast_hash_elasticity', 'mcast_hash_max', 'mcast_last_member_cnt', 'mcast_startup_query_cnt'],
  ...['mcast_last_member_intvl', 'mcast_membership_intvl', 'mcast_querier_intvl', 'mcast_query_intvl'],
  ...['mcast_query_response_intvl', 'mcast_startup_query_intvl', 'mcast_stats_enabled', 'mcast_igmp_version'],
  ...['mcast_mld_version', 'nf_call_arptables'],
  // the same of a port
  ...['cost', 'guard', 'root_block', 'fastleave', 'id', 'no', 'designated_port', 'designated_cost', 'hold_timer'],
  ...[
    'message_age_timer',
    'forward_delay_timer',
    'topology_change_ack',
    'config_pending',
    'proxy_arp',
    'proxy_arp_wifi',
  ],
  ...['multicast_router', 'mcast_to_unicast', 'group_fwd_mask_str', 'vlan_tunnel', 'locked'],
])

/** Compares what was printed with what was dumped; gives the paths that differ and the fields nobody printed. */
function compare(
  path: string,
  printed: unknown,
  dumped: unknown,
  out: { differ: string[]; absent: Set<string> },
): void {
  if (Array.isArray(dumped) && Array.isArray(printed) && dumped.length === printed.length) {
    for (const [i, item] of dumped.entries()) compare(`${path}[${i}]`, printed[i], item, out)
  } else if (typeof dumped === 'object' && dumped !== null && typeof printed === 'object' && printed !== null) {
    for (const [key, value] of Object.entries(dumped)) {
      if (!Object.hasOwn(printed, key)) out.absent.add(key)
      else compare(`${path}.${key}`, (printed as Record<string, unknown>)[key], value, out)
    }
    for (const key of Object.keys(printed)) if (!Object.hasOwn(dumped, key)) out.differ.push(`${path}.${key} invented`)
  } else if (dumped !== printed) out.differ.push(`${path}: ${JSON.stringify(printed)} for ${JSON.stringify(dumped)}`)
}

/** Lines of a text dump without comments, counters and secret columns. */
function lines(text: unknown): string[] {
  return String(text)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^\[\d+:\d+\] |\[\d+:\d+\]$/g, '').trim())
}

describe('printing a dump', () => {
  it('gives the JSON the tools gave, in every field packetwalk keeps', () => {
    const out = { differ: [] as string[], absent: new Set<string>() }
    for (const { where, ns, network, files } of namespaces) {
      const printed = printNamespaceDump(network, {
        ...ns,
        sysctls: parseNamespaceDump(ns.name, ns.role, files).namespace.sysctls,
      })
      expect([where, ...Object.keys(printed).sort()]).toEqual([where, ...Object.keys(files).sort()])
      for (const [file, content] of Object.entries(files)) {
        if (file.endsWith('.json')) compare(`${where}/${file}`, printed[file], content, out)
        else if (file !== 'wg.txt') expect(lines(printed[file])).toEqual(lines(content))
      }
    }
    expect(out.differ).toEqual([])
    expect([...out.absent].sort()).toEqual([...NOT_KEPT].sort())
  })

  it('reads back what it printed', () => {
    for (const { where, ns, network } of namespaces) {
      const again = parseNamespaceDump(ns.name, ns.role, printNamespaceDump(network, ns))
      expect([where, again.issues]).toEqual([where, []])
      expect(plain(again.namespace)).toEqual(plain(ns))
    }
  })
})

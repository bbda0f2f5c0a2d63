// Bundles of collectors, file by file as they name them: one machine each, everything that is there is read, and listings beside the real
// thing are no fault.
import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/dumps/index.ts'

const LINK = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP mode DEFAULT group default qlen 1000
    link/ether 52:54:00:00:01:12 brd ff:ff:ff:ff:ff:ff
`
const ADDR = LINK.replaceAll(' mode DEFAULT', '')
  .replace('brd 00:00:00:00:00:00\n', 'brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n')
  .concat('    inet 10.5.0.12/24 brd 10.5.0.255 scope global eth0\n')
const STATISTICS = LINK.replaceAll(
  /^( {4}link.*)$/gm,
  '$1 promiscuity 0  allmulti 0 minmtu 68 maxmtu 9216 addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535\n    RX:  bytes packets errors dropped  missed   mcast\n    3161740836   79097      0       0       0       0\n    TX:  bytes packets errors dropped carrier collsns\n       6659110   53635      0       0       0       0',
)
const MAIN = 'default via 10.5.0.1 dev eth0\n10.5.0.0/24 dev eth0 proto kernel scope link src 10.5.0.12\n'
const ALL = `${MAIN}local 10.5.0.12 dev eth0 table local proto kernel scope host src 10.5.0.12\n`
const RULE = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'
const SAVE =
  '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\n'
const LISTING =
  'Chain FORWARD (policy DROP 0 packets, 0 bytes)\n pkts bytes target     prot opt in     out     source               destination\n'
const NEIGH = '10.5.0.1 dev eth0 lladdr 52:54:00:00:01:01 REACHABLE\n'
const SYSCTL = 'kernel.ostype = Linux\nnet.ipv4.ip_forward = 1\n'
const SETS = 'Name: cali40all-ipam-pools\nType: hash:net\nHeader: family inet hashsize 1024\nMembers:\n10.1.0.0/16\n'
const NFT = 'table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n'

const BUNDLES: readonly [collector: string, name: string, files: Readonly<Record<string, string>>][] = [
  [
    'sosreport', // the networking plugin of sos 4: what it runs is the name of the file
    'sosreport-n1',
    {
      'sosreport-n1/hostname': 'n1\n',
      'sosreport-n1/sos_commands/networking/ip_-s_-d_link': STATISTICS,
      'sosreport-n1/sos_commands/networking/ip_-o_addr':
        '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n2: eth0    inet 10.5.0.12/24 brd 10.5.0.255 scope global eth0\\       valid_lft forever preferred_lft forever\n',
      'sosreport-n1/sos_commands/networking/ip_-d_address': ADDR,
      'sosreport-n1/sos_commands/networking/ip_route_show_table_all': ALL,
      'sosreport-n1/sos_commands/networking/ip_-6_route_show_table_all':
        'fe80::/64 dev eth0 proto kernel metric 256 pref medium\n',
      'sosreport-n1/sos_commands/networking/ip_-4_rule_list': RULE,
      'sosreport-n1/sos_commands/networking/ip_-6_rule_list':
        '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
      'sosreport-n1/sos_commands/networking/ip_-s_-s_neigh_show':
        '10.5.0.1 dev eth0 lladdr 52:54:00:00:01:01  used 56/56/11probes 1 STALE \n',
      'sosreport-n1/sos_commands/networking/ip_vrf_show':
        'Name              Table\n-----------------------\nNo VRF has been configured\n',
      'sosreport-n1/sos_commands/networking/ethtool_-k_eth0': 'Features for eth0:\nrx-checksumming: on\n',
      'sosreport-n1/sos_commands/networking/tc_-s_qdisc_show': 'qdisc mq 0: dev eth0 root \n',
      'sosreport-n1/sos_commands/networking/tc_-s_filter_show_dev_eth0': '',
      'sosreport-n1/sos_commands/firewall_tables/iptables_-t_nat_-nvL': LISTING,
      'sosreport-n1/sos_commands/firewall_tables/iptables-save': SAVE,
      'sosreport-n1/sos_commands/firewall_tables/nft_list_ruleset': NFT,
      'sosreport-n1/sos_commands/kernel/sysctl_-a': SYSCTL,
      'sosreport-n1/sos_commands/ipset/ipset_list': SETS,
    },
  ],
  [
    'the EKS log collector',
    'eks_i-0ab_2026',
    {
      'eks_i-0ab_2026/networking/ipaddr.txt': ADDR,
      'eks_i-0ab_2026/networking/iproute.txt': ALL,
      'eks_i-0ab_2026/networking/iprule.txt': RULE,
      'eks_i-0ab_2026/networking/iptables-filter.txt': `${LISTING}=======\nTotal Number of Rules: 0\n`,
      'eks_i-0ab_2026/networking/iptables-nat.txt': `${LISTING}=======\nTotal Number of Rules: 0\n`,
      'eks_i-0ab_2026/networking/iptables.txt': `${LISTING}=======\nTotal Number of Rules: 0\n`,
      'eks_i-0ab_2026/networking/iptables-save.txt': SAVE,
      'eks_i-0ab_2026/networking/ipset.txt': SETS,
      'eks_i-0ab_2026/networking/neigh.txt': NEIGH,
      'eks_i-0ab_2026/sysctls/sysctl_all.txt': SYSCTL,
    },
  ],
  [
    'the Rancher log collector',
    'n1-2026-11-28',
    {
      'n1-2026-11-28/networking/ipaddrshow': ADDR,
      'n1-2026-11-28/networking/iplinkshow': LINK,
      'n1-2026-11-28/networking/iproute': ALL,
      'n1-2026-11-28/networking/iprule': RULE,
      'n1-2026-11-28/networking/ipneighbour': NEIGH,
      'n1-2026-11-28/networking/iptables': LISTING,
      'n1-2026-11-28/networking/iptablesnat': LISTING,
      'n1-2026-11-28/networking/iptablessave': SAVE,
      'n1-2026-11-28/networking/nft_ruleset': NFT,
      'n1-2026-11-28/networking/ipset': SETS,
      'n1-2026-11-28/systeminfo/sysctla': SYSCTL,
    },
  ],
]

describe('bundles of collectors', () => {
  it.each(BUNDLES)('%s', (_collector, name, files) => {
    const dump = parseDump(new Map(Object.entries(files)))
    expect(dump.issues).toEqual([])
    expect(dump.nodes).toHaveLength(1)
    const { namespace: ns, missing, notes, name: found } = dump.nodes[0]!
    expect(found).toBe(files[`${name}/hostname`]?.trim() ?? name)
    expect(missing.filter((file) => file !== 'link.json')).toEqual([])
    expect(ns.interfaces['eth0']).toMatchObject({ mtu: 9001, up: true })
    expect(ns.interfaces['eth0']?.addresses[0]).toMatchObject({ local: '10.5.0.12', prefixlen: 24 })
    expect(ns.routes.map(({ dst, table }) => `${dst} ${table}`)).toEqual(
      expect.arrayContaining(['0.0.0.0/0 main', '10.5.0.0/24 main', '10.5.0.12/32 local']),
    )
    expect(ns.rules.filter(({ family }) => family === 'inet')).toHaveLength(3)
    expect(ns.neighbours).toHaveLength(1)
    expect(ns.sysctls['net.ipv4.ip_forward']).toBe('1')
    expect(Object.keys(ns.iptables?.tables ?? {}).sort()).toEqual(['filter', 'nat'])
    expect(ns.ipsets?.['cali40all-ipam-pools']?.members).toEqual(['10.1.0.0/16'])
    expect(notes.filter(({ effect }) => effect === 'undecided')).toEqual([])
  })
})

// `calicoctl node diags`: main tables, addresses without link layers, no rules, neighbours or sysctls; what it lacks is said.
describe('calicoctl node diags', () => {
  const files = {
    'diagnostics/date': 'Sat Nov 28 22:00:00 UTC 2026\n',
    'diagnostics/hostname': 'n1\n',
    'diagnostics/netstat': 'Active Internet connections (servers and established)\n',
    'diagnostics/ipv4_addr': ADDR.replaceAll(/^ {4}link.*\n/gm, ''),
    'diagnostics/ipv6_addr': '',
    'diagnostics/ipv4_route': MAIN,
    'diagnostics/ipv6_route': '',
    'diagnostics/ipv4_tables': SAVE.replaceAll(/^-A/gm, '[12:840] -A'),
    'diagnostics/ipv6_tables': '',
    'diagnostics/ipsets': SETS,
    'diagnostics/ipset_container': 'Unable to find image\n',
    'diagnostics/journalctl_calico_node': '-- No entries --\n',
    'diagnostics/logs/felix.log': '2026-11-28 22:00:00.000 [INFO][8] felix/daemon.go\n',
  }
  const { nodes, issues } = parseDump(new Map(Object.entries(files)))
  const ns = nodes[0]!.namespace

  it('is read by content, under the name of its machine', () => {
    expect(nodes.map(({ name }) => name)).toEqual(['n1'])
    expect(ns.interfaces['eth0']?.addresses[0]).toMatchObject({ local: '10.5.0.12', prefixlen: 24 })
    expect(ns.routes.map(({ dst, table }) => `${dst} ${table}`)).toEqual(
      expect.arrayContaining(['0.0.0.0/0 main', '10.5.0.0/24 main', '10.5.0.12/32 local']),
    )
    expect(Object.keys(ns.iptables?.tables ?? {}).sort()).toEqual(['filter', 'nat'])
    expect(ns.ipsets?.['cali40all-ipam-pools']?.members).toEqual(['10.1.0.0/16'])
  })

  it('says what is not there', () => {
    expect(nodes[0]!.missing).toEqual(expect.arrayContaining(['neigh.json', 'sysctl.txt']))
    expect(issues.map(({ kind }) => kind)).not.toContain('syntax')
  })
})

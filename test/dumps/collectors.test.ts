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
    'sosreport',
    'sosreport-n1',
    {
      'sosreport-n1/hostname': 'n1\n',
      'sosreport-n1/sos_commands/networking/ip_-d_address': ADDR,
      'sosreport-n1/sos_commands/networking/ip_route_show_table_all': ALL,
      'sosreport-n1/sos_commands/networking/ip_rule_list': RULE,
      'sosreport-n1/sos_commands/networking/ip_neigh_show': NEIGH,
      'sosreport-n1/sos_commands/networking/ethtool_-k_eth0': 'Features for eth0:\nrx-checksumming: on\n',
      'sosreport-n1/sos_commands/networking/tc_-s_qdisc_show': 'qdisc mq 0: dev eth0 root \n',
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
  [
    'calicoctl node diags',
    'n1',
    {
      'diagnostics/date': 'Sat Nov 28 22:00:00 UTC 2026\n',
      'diagnostics/hostname': 'n1\n',
      'diagnostics/ipv4_addr': ADDR,
      'diagnostics/ipv4_route': MAIN,
      'diagnostics/ipv4_tables': SAVE,
      'diagnostics/ipsets': SETS,
      'diagnostics/ip_rule': RULE,
      'diagnostics/ip_neigh': NEIGH,
      'diagnostics/sysctl': SYSCTL,
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
    expect(ns.rules).toHaveLength(3)
    expect(ns.neighbours).toHaveLength(1)
    expect(ns.sysctls['net.ipv4.ip_forward']).toBe('1')
    expect(Object.keys(ns.iptables?.tables ?? {}).sort()).toEqual(['filter', 'nat'])
    expect(ns.ipsets?.['cali40all-ipam-pools']?.members).toEqual(['10.1.0.0/16'])
    expect(notes.filter(({ effect }) => effect === 'undecided')).toEqual([])
  })
})

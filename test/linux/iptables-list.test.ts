// What `iptables -L` prints, line by line as iptables 1.8 printed these rules on a real kernel (1.8.9 with -n; protocols by name, as 1.8.7 and 1.8.10 print them).
import { describe, expect, it } from 'vitest'
import { iptablesList, iptablesRules, parseIptablesSave, placeIn } from '../../src/linux/index.ts'
import type { Ruleset, TableName } from '../../src/model/index.ts'

const CHAINS = ['cali-FORWARD', 'cali-pi-_Ab', 'KUBE-X']

/** A table with these rules. */
function tableOf(table: string, rules: readonly string[], family: 'inet' | 'inet6' = 'inet'): Ruleset {
  const bases = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].filter((name) =>
    rules.some((rule) => rule.startsWith(`-A ${name} `)),
  )
  const heads = [...bases.map((name) => `:${name} ACCEPT [0:0]`), ...CHAINS.map((name) => `:${name} - [0:0]`)]
  const text = [`*${table}`, ...heads, ...rules, 'COMMIT', ''].join('\n')
  return parseIptablesSave(text, placeIn('rules', []), family)
}

const ROWS: readonly (readonly [table: TableName, rule: string, listed: string])[] = [
  [
    'filter',
    '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD',
    '    0     0 cali-FORWARD  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* cali:wUHhoiAYhphO9Mso */',
  ],
  [
    'filter',
    '-A cali-FORWARD -i cali+ -m comment --comment "cali:abc" -j cali-pi-_Ab',
    '    0     0 cali-pi-_Ab  all  --  cali+  *       0.0.0.0/0            0.0.0.0/0            /* cali:abc */',
  ],
  [
    'filter',
    '-A cali-FORWARD ! -i eth0 -o tunl0 -p tcp -m tcp --dport 80 -j ACCEPT',
    '    0     0 ACCEPT     tcp  --  !eth0  tunl0   0.0.0.0/0            0.0.0.0/0            tcp dpt:80',
  ],
  [
    'filter',
    '-A cali-FORWARD -s 10.0.0.0/8 ! -d 1.2.3.4/32 -p udp -m multiport --dports 53,67:68 -j DROP',
    '    0     0 DROP       udp  --  *      *       10.0.0.0/8          !1.2.3.4              multiport dports 53,67:68',
  ],
  [
    'filter',
    '-A cali-FORWARD -m mark --mark 0x10000/0x10000 -j MARK --set-xmark 0x0/0x10000',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            mark match 0x10000/0x10000 MARK and 0xfffeffff',
  ],
  [
    'filter',
    '-A cali-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '    0     0 ACCEPT     all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate RELATED,ESTABLISHED',
  ],
  [
    'filter',
    '-A cali-FORWARD -m conntrack ! --ctstate INVALID -g cali-pi-_Ab',
    '    0     0 cali-pi-_Ab  all  --  *      *       0.0.0.0/0            0.0.0.0/0           [goto]  ! ctstate INVALID',
  ],
  [
    'filter',
    '-A cali-FORWARD -m set --match-set s1 src -m set ! --match-set s2 dst,dst -j REJECT --reject-with icmp-port-unreachable',
    '    0     0 REJECT     all  --  *      *       0.0.0.0/0            0.0.0.0/0            match-set s1 src ! match-set s2 dst,dst reject-with icmp-port-unreachable',
  ],
  [
    'filter',
    '-A cali-FORWARD -p icmp -m icmp --icmp-type 8 -j RETURN',
    '    0     0 RETURN     icmp --  *      *       0.0.0.0/0            0.0.0.0/0            icmptype 8',
  ],
  [
    'filter',
    '-A cali-FORWARD -p icmp -m icmp --icmp-type 3/4 -j RETURN',
    '    0     0 RETURN     icmp --  *      *       0.0.0.0/0            0.0.0.0/0            icmptype 3 code 4',
  ],
  [
    'filter',
    '-A cali-FORWARD -p icmp -m icmp ! --icmp-type 8/0 -j RETURN',
    '    0     0 RETURN     icmp --  *      *       0.0.0.0/0            0.0.0.0/0            icmp !type 8 code 0',
  ],
  [
    'filter',
    '-A cali-FORWARD -p ipv6-icmp -j RETURN',
    '    0     0 RETURN     ipv6-icmp --  *      *       0.0.0.0/0            0.0.0.0/0           ',
  ],
  [
    'filter',
    '-A cali-FORWARD ! -p sctp -j RETURN',
    '    0     0 RETURN     !sctp --  *      *       0.0.0.0/0            0.0.0.0/0           ',
  ],
  [
    'filter',
    '-A cali-FORWARD -p sctp -m sctp ! --dport 3:5 -j RETURN',
    '    0     0 RETURN     sctp --  *      *       0.0.0.0/0            0.0.0.0/0            sctp dpts:!3:5',
  ],
  [
    'filter',
    '-A cali-FORWARD -p 200 -j LOG --log-prefix "calico-packet: "',
    '    0     0 LOG        200  --  *      *       0.0.0.0/0            0.0.0.0/0            LOG flags 0 level 4 prefix "calico-packet: "',
  ],
  [
    'filter',
    '-A cali-FORWARD -m addrtype --dst-type LOCAL,BROADCAST --limit-iface-in',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ADDRTYPE match dst-type LOCAL,BROADCAST limit-in',
  ],
  [
    'filter',
    '-A cali-FORWARD -m addrtype ! --src-type LOCAL',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ADDRTYPE match src-type !LOCAL',
  ],
  [
    'filter',
    '-A cali-FORWARD -m statistic --mode random --probability 0.33333333349',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            statistic mode random probability 0.33333333349',
  ],
  [
    'filter',
    '-A cali-FORWARD -m statistic --mode nth --every 3 --packet 1',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            statistic mode nth every 3 packet 1',
  ],
  [
    'filter',
    '-A cali-FORWARD -m mark ! --mark 0x1 -j MARK --set-xmark 0x5/0xff',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            mark match ! 0x1 MARK xset 0x5/0xff',
  ],
  [
    'filter',
    '-A cali-FORWARD -j MARK --set-xmark 0x10/0x10',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            MARK or 0x10',
  ],
  [
    'filter',
    '-A cali-FORWARD -j MARK --set-xmark 0x0/0xffffff00',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            MARK and 0xff',
  ],
  [
    'filter',
    '-A cali-FORWARD -j MARK --set-xmark 0xff/0x0',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            MARK xor 0xff',
  ],
  [
    'filter',
    '-A cali-FORWARD -j MARK --set-xmark 0x7/0xffffffff',
    '    0     0 MARK       all  --  *      *       0.0.0.0/0            0.0.0.0/0            MARK set 0x7',
  ],
  [
    'filter',
    '-A cali-FORWARD -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff',
    '    0     0 CONNMARK   all  --  *      *       0.0.0.0/0            0.0.0.0/0            CONNMARK save mask 0xff',
  ],
  [
    'filter',
    '-A cali-FORWARD -m connmark --mark 0x1/0x1 -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
    '    0     0 CONNMARK   all  --  *      *       0.0.0.0/0            0.0.0.0/0            connmark match  0x1/0x1 CONNMARK restore',
  ],
  [
    'filter',
    '-A cali-FORWARD -j CONNMARK --set-xmark 0x1/0x3',
    '    0     0 CONNMARK   all  --  *      *       0.0.0.0/0            0.0.0.0/0            CONNMARK xset 0x1/0x3',
  ],
  [
    'filter',
    '-A cali-FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
    '    0     0 TCPMSS     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp flags:0x06/0x02 TCPMSS clamp to PMTU',
  ],
  [
    'filter',
    '-A cali-FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset',
    '    0     0 REJECT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp flags:0x17/0x02 reject-with tcp-reset',
  ],
  [
    'filter',
    '-A cali-FORWARD -p tcp -m tcp ! --sport 1:2 ! --dport 5',
    '    0     0            tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp spts:!1:2 dpt:!5',
  ],
  [
    'filter',
    '-A cali-FORWARD -p udp -m udp --sport 67 --dport 68',
    '    0     0            udp  --  *      *       0.0.0.0/0            0.0.0.0/0            udp spt:67 dpt:68',
  ],
  [
    'filter',
    '-A cali-FORWARD -m limit --limit 5/min --limit-burst 7',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            limit: avg 5/min burst 7',
  ],
  [
    'filter',
    '-A cali-FORWARD -m recent --rcheck --seconds 60 --reap --hitcount 2 --rttl --name l --mask 255.255.255.255 --rsource',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            recent: CHECK seconds: 60 reap hit_count: 2 TTL-Match name: l side: source mask: 255.255.255.255',
  ],
  [
    'filter',
    '-A cali-FORWARD -m recent ! --set --name l --mask 255.255.255.255 --rdest',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ! recent: SET name: l side: dest mask: 255.255.255.255',
  ],
  [
    'filter',
    '-A cali-FORWARD -f',
    '    0     0            all  -f  *      *       0.0.0.0/0            0.0.0.0/0           ',
  ],
  [
    'filter',
    '-A cali-FORWARD -m physdev --physdev-in eth1 --physdev-is-bridged',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            PHYSDEV match --physdev-in eth1 --physdev-is-bridged',
  ],
  [
    'filter',
    '-A cali-FORWARD -m iprange --src-range 10.0.0.1-10.0.0.9',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            source IP range 10.0.0.1-10.0.0.9',
  ],
  [
    'filter',
    '-A cali-FORWARD -m length --length 10:20',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            length 10:20',
  ],
  [
    'filter',
    '-A cali-FORWARD -m ttl --ttl-lt 5',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL match TTL < 5',
  ],
  [
    'filter',
    '-A cali-FORWARD -m tos --tos 0x10/0xff',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            tos match0x10/0xff',
  ],
  [
    'filter',
    '-A cali-FORWARD -m dscp --dscp 0x0a',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            DSCP match 0x0a',
  ],
  [
    'filter',
    '-A cali-FORWARD -m pkttype --pkt-type broadcast',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            PKTTYPE = broadcast',
  ],
  [
    'filter',
    '-A cali-FORWARD -m mac --mac-source 00:11:22:33:44:55',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            MAC 00:11:22:33:44:55',
  ],
  [
    'filter',
    '-A cali-FORWARD -p tcp -m multiport --sports 1,2 -m multiport ! --ports 3 -j ACCEPT',
    '    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            multiport sports 1,2 multiport ports  !3',
  ],
  [
    'filter',
    '-A cali-FORWARD -m u32 --u32 "0x0>>0x10&0xff=0x1:0x2"',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            u32 "0x0>>0x10&0xff=0x1:0x2"',
  ],
  [
    'nat',
    '-A POSTROUTING -m comment --comment "a b" -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully',
    '    0     0 MASQUERADE  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* a b */ mark match 0x4000/0x4000 random-fully',
  ],
  [
    'nat',
    '-A POSTROUTING -j MASQUERADE',
    '    0     0 MASQUERADE  all  --  *      *       0.0.0.0/0            0.0.0.0/0           ',
  ],
  [
    'nat',
    '-A POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000',
    '    0     0 MASQUERADE  tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            masq ports: 1000-2000',
  ],
  [
    'nat',
    '-A POSTROUTING -j SNAT --to-source 1.2.3.4-1.2.3.5 --random-fully',
    '    0     0 SNAT       all  --  *      *       0.0.0.0/0            0.0.0.0/0            to:1.2.3.4-1.2.3.5 random-fully',
  ],
  [
    'nat',
    '-A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4:5-6',
    '    0     0 SNAT       tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            to:1.2.3.4:5-6',
  ],
  [
    'nat',
    '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:80',
    '    0     0 DNAT       tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            to:10.0.0.1:80',
  ],
  [
    'nat',
    '-A OUTPUT -d 10.9.0.0/16 -j NETMAP --to 10.8.0.0/16',
    '    0     0 NETMAP     all  --  *      *       0.0.0.0/0            10.9.0.0/16          to:10.8.0.0/16',
  ],
  [
    'nat',
    '-A PREROUTING -p tcp -j REDIRECT --to-ports 99',
    '    0     0 REDIRECT   tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            redir ports 99',
  ],
  [
    'raw',
    '-A PREROUTING -j NOTRACK',
    '    0     0 CT         all  --  *      *       0.0.0.0/0            0.0.0.0/0            NOTRACK',
  ],
  [
    'raw',
    '-A PREROUTING -j CT --notrack',
    '    0     0 CT         all  --  *      *       0.0.0.0/0            0.0.0.0/0            CT notrack',
  ],
  [
    'raw',
    '-A PREROUTING -j CT --zone 5',
    '    0     0 CT         all  --  *      *       0.0.0.0/0            0.0.0.0/0            CT zone 5',
  ],
  [
    'mangle',
    '-A PREROUTING -j TTL --ttl-set 5',
    '    0     0 TTL        all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL set to 5',
  ],
  [
    'mangle',
    '-A PREROUTING -j TOS --set-tos 0x10/0xff',
    '    0     0 TOS        all  --  *      *       0.0.0.0/0            0.0.0.0/0            TOS set 0x10/0xff',
  ],
  [
    'mangle',
    '-A PREROUTING -j DSCP --set-dscp 0x01',
    '    0     0 DSCP       all  --  *      *       0.0.0.0/0            0.0.0.0/0            DSCP set 0x01',
  ],
  [
    'mangle',
    '-A PREROUTING -p udp -j CHECKSUM --checksum-fill',
    '    0     0 CHECKSUM   udp  --  *      *       0.0.0.0/0            0.0.0.0/0            CHECKSUM fill',
  ],
  [
    'mangle',
    '-A PREROUTING -j SET --add-set s1 src',
    '    0     0 SET        all  --  *      *       0.0.0.0/0            0.0.0.0/0            add-set s1 src',
  ],
  [
    'filter',
    '-A FORWARD -p tcp -m tcp --tcp-option 8',
    '    0     0            tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp option=8',
  ],
  [
    'filter',
    '-A FORWARD -p tcp -m tcp ! --tcp-flags SYN SYN',
    '    0     0            tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp flags:!0x02/0x02',
  ],
  [
    'filter',
    '-A FORWARD -m connmark ! --mark 0x3',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            connmark match ! 0x3',
  ],
  [
    'filter',
    '-A FORWARD -m tos ! --tos 0x04/0x05',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            tos match!0x04/0x05',
  ],
  [
    'filter',
    '-A FORWARD -m iprange ! --src-range 1.1.1.1-1.1.1.2 --dst-range 2.2.2.2-2.2.2.3',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            source IP range ! 1.1.1.1-1.1.1.2 destination IP range 2.2.2.2-2.2.2.3',
  ],
  [
    'filter',
    '-A FORWARD -m physdev ! --physdev-in e0',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            PHYSDEV match ! --physdev-in e0',
  ],
  [
    'filter',
    '-A FORWARD -m physdev --physdev-is-in --physdev-is-out',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            PHYSDEV match --physdev-is-in --physdev-is-out',
  ],
  [
    'filter',
    '-A FORWARD -m pkttype ! --pkt-type multicast',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            PKTTYPE != multicast',
  ],
  [
    'filter',
    '-A FORWARD -m ttl ! --ttl-eq 4',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL match TTL != 4',
  ],
  [
    'filter',
    '-A FORWARD -m ttl --ttl-gt 4',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL match TTL > 4',
  ],
  [
    'filter',
    '-A FORWARD -m statistic --mode random ! --probability 0.20000000019',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            statistic mode random ! probability 0.20000000019',
  ],
  [
    'filter',
    '-A FORWARD -m length ! --length 4',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            length !4',
  ],
  [
    'filter',
    '-A FORWARD -m dscp ! --dscp 0x04',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            DSCP match !0x04',
  ],
  [
    'filter',
    '-A FORWARD -m mac ! --mac-source 00:aa:11:22:33:44',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            MAC ! 00:aa:11:22:33:44',
  ],
  [
    'filter',
    '-A FORWARD -m addrtype --src-type BROADCAST ! --dst-type LOCAL',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ADDRTYPE match src-type BROADCAST dst-type !LOCAL',
  ],
  [
    'filter',
    '-A FORWARD -j CONNMARK --save-mark --nfmask 0x1 --ctmask 0x2',
    '    0     0 CONNMARK   all  --  *      *       0.0.0.0/0            0.0.0.0/0            CONNMARK save nfmask 0x1 ctmask ~0x2',
  ],
  [
    'filter',
    '-A FORWARD -j CONNMARK --set-xmark 0x0/0xfffffffe',
    '    0     0 CONNMARK   all  --  *      *       0.0.0.0/0            0.0.0.0/0            CONNMARK and 0x1',
  ],
  [
    'filter',
    '-A FORWARD -m u32 ! --u32 "0x0=0x1"',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            u32 ! "0x0=0x1"',
  ],
  [
    'filter',
    '-A FORWARD -m statistic --mode nth --every 3 --packet 0',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            statistic mode nth every 3',
  ],
  [
    'filter',
    '-A FORWARD ! -f',
    '    0     0            all  !f  *      *       0.0.0.0/0            0.0.0.0/0           ',
  ],
  [
    'filter',
    '-A FORWARD -p udplite -m multiport --dports 1:2',
    '    0     0            udplite --  *      *       0.0.0.0/0            0.0.0.0/0            multiport dports 1:2',
  ],
  [
    'filter',
    '-A FORWARD -p icmp -m icmp --icmp-type any',
    '    0     0            icmp --  *      *       0.0.0.0/0            0.0.0.0/0            icmptype 255',
  ],
  [
    'filter',
    '-A FORWARD -m conntrack --ctstate NEW,DNAT --ctorigdst 10.0.0.0/8',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate NEW,DNAT ctorigdst 10.0.0.0/8',
  ],
  [
    'filter',
    '-A FORWARD -d 10.0.0.1/32 -j ACCEPT',
    '    0     0 ACCEPT     all  --  *      *       0.0.0.0/0            10.0.0.1            ',
  ],
  [
    'raw',
    '-A PREROUTING -m rpfilter --validmark --invert -j DROP',
    '    0     0 DROP       all  --  *      *       0.0.0.0/0            0.0.0.0/0            rpfilter validmark invert',
  ],
  [
    'raw',
    '-A PREROUTING -m rpfilter --loose --accept-local',
    '    0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0            rpfilter loose accept-local',
  ],
  [
    'nat',
    '-A PREROUTING -j DNAT --to-destination 10.0.0.1-10.0.0.9 --persistent',
    '    0     0 DNAT       all  --  *      *       0.0.0.0/0            0.0.0.0/0            to:10.0.0.1-10.0.0.9 persistent',
  ],
  [
    'nat',
    '-A POSTROUTING -j SNAT --to-source 10.0.0.1 --random',
    '    0     0 SNAT       all  --  *      *       0.0.0.0/0            0.0.0.0/0            to:10.0.0.1 random',
  ],
  [
    'mangle',
    '-A PREROUTING -j TTL --ttl-dec 1',
    '    0     0 TTL        all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL decrement by 1',
  ],
  [
    'mangle',
    '-A PREROUTING -j TTL --ttl-inc 1',
    '    0     0 TTL        all  --  *      *       0.0.0.0/0            0.0.0.0/0            TTL increment by 1',
  ],
  [
    'mangle',
    '-A FORWARD -p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 1400',
    '    0     0 TCPMSS     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp flags:0x02/0x02 TCPMSS set 1400',
  ],
]

describe('a line of iptables -nvL', () => {
  it.each(ROWS)('%s: %s', (table, rule, listed) => {
    const [, chain = ''] = rule.split(' ')
    const options = { table, chain, rule: 1, numeric: true, verbose: true }
    expect(iptablesList(tableOf(table, [rule]), options)).toBe(`${listed}\n`)
  })

  it.each([
    [
      '-A FORWARD -s fd00::/8 ! -d fd00::1/128 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT',
      '    0     0 ACCEPT     ipv6-icmp --  *      *       fd00::/8            !fd00::1              ipv6-icmptype 128',
    ],
    [
      '-A FORWARD -i eth0 -p tcp -m tcp --dport 80 -m hl --hl-lt 5 -j DROP',
      '    0     0 DROP       tcp  --  eth0   *       ::/0                 ::/0                 tcp dpt:80 HL match HL < 5',
    ],
    [
      '-A FORWARD -p tcp -j DNAT --to-destination [fd00::1]:80',
      '    0     0 DNAT       tcp  --  *      *       ::/0                 ::/0                 to:[fd00::1]:80',
    ],
    [
      '-A FORWARD -j HL --hl-set 4',
      '    0     0 HL         all  --  *      *       ::/0                 ::/0                 HL set to 4',
    ],
  ])('of IPv6: %s', (rule, listed) => {
    const options = { chain: 'FORWARD', rule: 1, numeric: true, verbose: true, family: 'inet6' as const }
    expect(iptablesList(tableOf('filter', [rule], 'inet6'), options)).toBe(`${listed}\n`)
  })
})

const RULES = tableOf('filter', [
  '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD',
  '-A FORWARD -j DROP',
  '-A cali-FORWARD -i cali+ -g cali-pi-_Ab',
])

describe('a listing', () => {
  it('has a head a chain, columns, and an empty line between chains; base chains are there without rules', () => {
    expect(iptablesList(RULES)).toBe(`Chain INPUT (policy ACCEPT)
target     prot opt source               destination         

Chain FORWARD (policy ACCEPT)
target     prot opt source               destination         
cali-FORWARD  all  --  anywhere             anywhere             /* cali:wUHhoiAYhphO9Mso */
DROP       all  --  anywhere             anywhere            

Chain OUTPUT (policy ACCEPT)
target     prot opt source               destination         

Chain cali-FORWARD (1 references)
target     prot opt source               destination         
cali-pi-_Ab  all  --  anywhere             anywhere            [goto] 

Chain cali-pi-_Ab (1 references)
target     prot opt source               destination         

Chain KUBE-X (0 references)
target     prot opt source               destination         
`)
  })

  const counts = (chain: string, rule?: number): readonly [number, number] =>
    rule === undefined
      ? [12, 588_400]
      : chain === 'FORWARD' && rule === 0
        ? [99_999, 9_999_499_499]
        : [100_000, 99_999_999_999]

  it('with -v counts, rounded as the tool rounds', () => {
    expect(
      iptablesList(RULES, { chain: 'FORWARD', verbose: true, numeric: true, counts }),
    ).toBe(`Chain FORWARD (policy ACCEPT 12 packets, 588K bytes)
 pkts bytes target     prot opt in     out     source               destination         
99999 9999M cali-FORWARD  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* cali:wUHhoiAYhphO9Mso */
 100K  100G DROP       all  --  *      *       0.0.0.0/0            0.0.0.0/0           
`)
  })

  it('with -x counts to the last digit, with --line-numbers counts the rules', () => {
    expect(
      iptablesList(RULES, { chain: 'FORWARD', verbose: true, exact: true, lineNumbers: true, counts }),
    ).toBe(`Chain FORWARD (policy ACCEPT 12 packets, 588400 bytes)
num      pkts      bytes target     prot opt in     out     source               destination         
1       99999 9999499499 cali-FORWARD  all  --  *      *       anywhere             anywhere             /* cali:wUHhoiAYhphO9Mso */
2      100000 99999999999 DROP       all  --  *      *       anywhere             anywhere            
`)
  })

  it.each([
    [{ chain: 'FORWARD', rule: 9 }, ''],
    [{ chain: 'NOPE' }, undefined],
    [{ table: 'raw' as const, chain: 'FORWARD' }, undefined],
  ])('of %o', (options, text) => {
    expect(iptablesList(RULES, options)).toBe(text)
  })
})

describe('iptables -S', () => {
  it('lists policies, chains and rules', () => {
    expect(iptablesRules(RULES)).toBe(`-P INPUT ACCEPT
-P FORWARD ACCEPT
-P OUTPUT ACCEPT
-N cali-FORWARD
-N cali-pi-_Ab
-N KUBE-X
-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
-A FORWARD -j DROP
-A cali-FORWARD -i cali+ -g cali-pi-_Ab
`)
  })

  it.each([
    [{ chain: 'FORWARD', rule: 2 }, '-A FORWARD -j DROP\n'],
    [{ chain: 'cali-pi-_Ab' }, '-N cali-pi-_Ab\n'],
    [{ chain: 'NOPE' }, undefined],
  ])('of %o', (options, text) => {
    expect(iptablesRules(RULES, options)).toBe(text)
  })
})

// What people paste of the real cluster: what each line says, and which candidates fall away or are decided by it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Diagnosis, diagnoseLab } from '../../src/troubleshoot/index.ts'
import { ROOT } from '../support/source-files.ts'

const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'
const lab = Lab.load({ name: 'ipip.yaml', text: readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8') })
const target = lab.endpoint(TO).address!
const peer = '172.17.0.40'

function asked(
  text: string,
  symptom: 'timeout' | 'small-ok-large-hang' | 'no-route' | 'intermittent' | 'pending' = 'timeout',
): Diagnosis {
  const evidence = text === '' ? [] : [{ name: 'pasted.txt', text }]
  return diagnoseLab(lab, symptom === 'pending' ? { symptom, evidence } : { from: FROM, to: TO, symptom, evidence })
}

/** `F01 F03 | -F34`: who leads, and who fell away. */
const likely = ({ candidates }: Diagnosis): string[] =>
  candidates.flatMap(({ likelihood, failure }) =>
    likelihood === 'likely' || likelihood === 'certain' ? [failure!] : [],
  )
const gone = ({ excluded }: Diagnosis): string[] => excluded.map(({ failure }) => failure!)

interface Row {
  readonly text: string
  readonly symptom?: Parameters<typeof asked>[1]
  readonly decides?: string
  readonly excludes?: readonly string[]
}

const ROWS: Readonly<Record<string, Row>> = {
  'the route is there, by the tunnel': {
    text: `controlplane$ ip route get ${target}\n${target} via ${peer} dev tunl0 src 192.168.49.64 uid 0 \n    cache`,
    excludes: ['F34', 'F42', 'F43', 'F44'],
  },
  'a listing of routes says the same': {
    text: `root@controlplane:~# ip route\ndefault via 172.17.0.1 dev ens3\n192.168.196.128/26 via ${peer} dev tunl0 proto bird onlink\nblackhole 192.168.49.64/26 proto bird`,
    excludes: ['F34', 'F42'],
  },
  'the default route takes it': {
    text: `[root@controlplane ~]# ip route get ${target}\n${target} via 172.17.0.1 dev ens3 src 172.17.0.32 uid 0`,
    excludes: ['F01'],
  },
  'another plugin’s bridge takes it': {
    text: `controlplane$ ip route get ${target}\n${target} dev cni0 src 10.244.0.1 uid 0`,
    decides: 'F43',
  },
  'sessions are established': {
    text: '| 172.17.0.40  | node-to-node mesh | up    | 10:00:00 | Established |',
    excludes: ['F34'],
  },
  'a session is not': {
    text: '| 172.17.0.40 | node-to-node mesh | start | 10:00:00 | Active Socket: Connection refused |',
    decides: 'F34',
  },
  'an AS number is refused': {
    text: '| 172.17.0.40 | node-to-node mesh | start | 10:00:00 | Idle Received: Bad peer AS |',
    decides: 'F38',
  },
  'the outer packet arrives': {
    text: 'node01$ tcpdump -ni ens3 ip proto 4\n12:00:00.1 IP 172.17.0.32 > 172.17.0.40: IP 192.168.49.66 > 192.168.196.130: ICMP echo request, id 1, seq 1, length 64',
    excludes: ['F01', 'F34', 'F42', 'F45'],
  },
  'it leaves': {
    text: 'controlplane$ tcpdump -ni ens3 ip proto 4\n12:00:00.1 IP 172.17.0.32 > 172.17.0.40: IP 192.168.49.66 > 192.168.196.130: ICMP echo request, id 1, seq 1, length 64',
    excludes: ['F34', 'F42', 'F45'],
  },
  'FORWARD drops and counts': {
    text: 'controlplane$ iptables -nvL\nChain FORWARD (policy DROP 120 packets, 7200 bytes)\n pkts bytes target     prot opt in     out     source               destination',
    decides: 'F50',
  },
  'FORWARD accepts': { text: 'Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)', excludes: ['F50'] },
  'a firewall rejects': { text: 'From 172.17.0.32 icmp_seq=1 Destination Host Prohibited', decides: 'F51' },
  'forwarding is off': { text: 'node01$ sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 0', decides: 'F49' },
  'forwarding is on': { text: 'net.ipv4.ip_forward = 1', excludes: ['F49'] },
  'the reverse path filter counts': { text: 'TcpExtIPReversePathFilter       17                 0.0', decides: 'F48' },
  'the table of connections is full': {
    text: 'nf_conntrack: nf_conntrack: table full, dropping packet',
    symptom: 'intermittent',
    decides: 'F54',
  },
  'the table of neighbours overflows': {
    text: 'neighbour: arp_cache: neighbor table overflow!',
    symptom: 'intermittent',
    decides: 'F58',
  },
  'the tunnel is down': {
    text: 'controlplane$ ip link\n7: tunl0@NONE: <NOARP> mtu 1440 qdisc noop state DOWN mode DEFAULT group default qlen 1000',
    decides: 'F12',
  },
  'the tunnel is up': {
    text: '7: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1440 qdisc noqueue state UNKNOWN',
    excludes: ['F12'],
  },
  'peers are not known': {
    text: '  240 19200 DROP  4  --  *  *  0.0.0.0/0  0.0.0.0/0  /* cali:cuIy Drop IPIP packets from non-Calico hosts */',
    decides: 'F11',
  },
  'large pings pass': {
    text: `pod$ ping -M do -s 1400 ${target}\n3 packets transmitted, 3 received, 0% packet loss`,
    symptom: 'small-ok-large-hang',
    excludes: ['F15', 'F16', 'F17'],
  },
  'the token has expired': {
    text: '3m  Warning  FailedCreatePodSandBox  pod/web-0  plugin type="calico" failed (add): connection is unauthorized: Unauthorized',
    symptom: 'pending',
    decides: 'F90',
  },
}

describe('pasted output', () => {
  it.each(Object.entries(ROWS))('%s', (_, { text, symptom, decides, excludes = [] }) => {
    const diagnosis = asked(text, symptom)
    expect(diagnosis.unread).toEqual([])
    expect(diagnosis.seen.length).toBeGreaterThan(0)
    expect(likely(diagnosis)[0]).toBe(decides)
    expect(diagnosis.verdict).toBe(decides === undefined ? 'undecided' : 'cause')
    expect(gone(diagnosis)).toEqual(expect.arrayContaining([...excludes]))
  })

  it('says where each line stands', () => {
    const { seen, candidates } = asked('node01$ sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 0\n')
    expect(seen).toEqual([{ at: 'pasted.txt:2', says: 'node01: net.ipv4.ip_forward is 0' }])
    expect(candidates[0]?.confidence).toEqual({ kind: 'seen', of: ['pasted.txt:2'] })
  })

  it.each([
    ['0 packets captured', 'certain likely', ''],
    [
      '12:00:00.1 IP 172.17.0.32 > 172.17.0.40: IP 192.168.49.66 > 192.168.196.130: ICMP echo request\n1 packets captured',
      '',
      'F01',
    ],
  ])('of the deciding command itself decides: %s', (printed, likelihoods, excluded) => {
    const { decide } = asked('').candidates.find(({ failure }) => failure === 'F01')!
    const { candidates, excluded: fell } = asked(`${decide.at}$ ${decide.command}\n${printed}`)
    const mine = candidates.find(({ failure }) => failure === 'F01')
    expect(likelihoods.includes(mine?.likelihood ?? '')).toBe(true)
    expect(fell.some(({ failure }) => failure === 'F01')).toBe(excluded === 'F01')
  })

  it('says what nobody reads', () => {
    expect(asked('something else entirely').unread).toEqual(['pasted.txt:1 something else entirely'])
  })
})

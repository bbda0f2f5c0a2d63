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
const source = lab.endpoint(FROM).address!
const peer = '172.17.0.40'

function asked(
  text: string,
  symptom: 'timeout' | 'small-ok-large-hang' | 'no-route' | 'intermittent' | 'pending' = 'timeout',
): Diagnosis {
  const evidence = text === '' ? [] : [{ name: 'pasted.txt', text }]
  return diagnoseLab(lab, symptom === 'pending' ? { symptom, evidence } : { from: FROM, to: TO, symptom, evidence })
}

/** The same cluster with a Service whose pod is there. */
const shop = Lab.load([
  { name: 'ipip.yaml', text: readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8') },
  {
    name: 'web.yaml',
    text: `apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { clusterIP: 10.96.0.50, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Endpoints
metadata: { name: web, namespace: default }
subsets: [{ addresses: [{ ip: ${target} }], ports: [{ port: 80 }] }]
`,
  },
])

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
  'a path ends at the default gateway': {
    text: `controlplane$ traceroute -n ${target}\ntraceroute to ${target} (${target}), 30 hops max, 60 byte packets\n 1  172.17.0.1  0.412 ms  0.391 ms  0.380 ms\n 2  * * *\n 3  * * *`,
    excludes: ['F01'],
  },
  'a path reaches the other node, and no further': {
    text: `${FROM}$ traceroute -n ${target}\n 1  172.17.0.32  0.060 ms  0.020 ms  0.018 ms\n 2  ${peer}  0.412 ms  0.391 ms  0.380 ms\n 3  * * *`,
    excludes: ['F01', 'F34', 'F42'],
  },
  'a path with names is answered at its end': {
    text: `traceroute to web (${target}), 30 hops max\n 1  node (172.17.0.32)  0.060 ms  0.020 ms\n 2  web.default.svc (${target})  0.4 ms  0.3 ms`,
    excludes: ['F01', 'F50'],
  },
  'a router on the path prohibits': {
    text: ` 1  172.17.0.32  0.060 ms\n 2  10.9.9.9  1.2 ms !X  1.1 ms !X`,
    decides: 'F51',
  },
  'tracepath finds a smaller path': {
    text: `${FROM}$ tracepath -n ${target}\n 1?: [LOCALHOST]                      pmtu 1440\n 1:  172.17.0.32                       0.1ms \n 2:  172.17.0.32                       0.1ms pmtu 1400\n 3:  no reply\n     Too many hops: pmtu 1400\n     Resume: pmtu 1400 `,
    symptom: 'small-ok-large-hang',
  },
  'mtr reaches the target': {
    text: `Start: 2026-11-30T00:00:00+0000\nHOST: web                         Loss%   Snt   Last   Avg  Best  Wrst StDev\n  1.|-- 172.17.0.32                0.0%    10    0.1   0.1   0.1   0.2   0.0\n  2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0\n  3.|-- ${target}            0.0%    10    0.4   0.4   0.3   0.6   0.0`,
    excludes: ['F01', 'F50'],
  },
  'a client is refused': {
    text: `${FROM}$ curl -v http://${target}\n*   Trying ${target}:80...\ncurl: (7) Failed to connect to ${target} port 80 after 0 ms: Connection refused`,
    excludes: ['F01', 'F34', 'F42'],
  },
  'a client connects': {
    text: `${FROM}$ nc -vz ${target} 80\nConnection to ${target} 80 port [tcp/http] succeeded!`,
    excludes: ['F01', 'F50', 'F34'],
  },
  'a connection was answered': {
    text: `controlplane$ conntrack -L -p tcp\ntcp      6 431995 ESTABLISHED src=192.168.49.66 dst=${target} sport=40000 dport=80 src=${target} dst=192.168.49.66 sport=80 dport=40000 [ASSURED] mark=0 use=1\nconntrack v1.4.6 (conntrack-tools): 1 flow entries have been shown.`,
    excludes: ['F01', 'F50'],
  },
  'a connection left its node, and was not answered': {
    text: `controlplane$ conntrack -L\ntcp      6 118 SYN_SENT src=192.168.49.66 dst=${target} sport=40000 dport=80 [UNREPLIED] src=${target} dst=192.168.49.66 sport=80 dport=40000 mark=0 use=1`,
    excludes: ['F50', 'F49'],
  },
  'a connection arrived at the other node': {
    text: `node01$ conntrack -L\nipv4     2 icmp     1 29 src=192.168.49.66 dst=${target} type=8 code=0 id=7 [UNREPLIED] src=${target} dst=192.168.49.66 type=0 code=0 id=7 mark=0 use=1`,
    excludes: ['F01', 'F34', 'F42'],
  },
  'a socket is established': {
    text: `${FROM}$ ss -tn\nState  Recv-Q  Send-Q   Local Address:Port   Peer Address:Port  Process\nESTAB  0       0        192.168.49.66:40000  ${target}:80`,
    excludes: ['F01', 'F34'],
  },
  'the same by netstat': {
    text: `${FROM}$ netstat -tn\nActive Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State\ntcp        0      0 192.168.49.66:40000     ${target}:80       ESTABLISHED`,
    excludes: ['F01', 'F34'],
  },
  'the tunnel drops what it is to send': {
    text: 'controlplane$ ip -s link show tunl0\n7: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1440 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n    link/ipip 0.0.0.0 brd 0.0.0.0\n    RX:  bytes packets errors dropped  missed   mcast           \n       8400     100      0       0       0       0 \n    TX:  bytes packets errors dropped carrier collsns           \n          0       0     37       0       0       0 ',
    symptom: 'small-ok-large-hang',
  },
  'netstat -s counts the reverse path filter': {
    text: 'node01$ netstat -s\nIp:\n    Forwarding: 1\n    12 outgoing packets dropped\n    40 dropped because of missing route\nTcpExt:\n    IPReversePathFilter: 17',
    decides: 'F48',
  },
  'BIRD says a session is not up': {
    text: 'BIRD v0.3.3+birdv1.6.8 ready.\nname     proto    table    state  since       info\nMesh_172_17_0_40 BGP      master   start  10:00:00    Active        Socket: Connection refused',
    decides: 'F34',
  },
  'a described pod of Calico is not ready': {
    text: 'Warning  Unhealthy  2m (x40 over 9m)  kubelet  Readiness probe failed: calico/node is not ready: felix is not ready: readiness probe reporting 503',
    decides: 'F87',
  },
  'the token has expired': {
    text: '3m  Warning  FailedCreatePodSandBox  pod/web-0  plugin type="calico" failed (add): connection is unauthorized: Unauthorized',
    symptom: 'pending',
    decides: 'F90',
  },
  'traceroute ends at the pod': {
    text: `traceroute to ${target} (${target}), 30 hops max, 60 byte packets\n 1  172.17.0.32  0.051 ms  0.012 ms  0.010 ms\n 2  192.168.196.128  0.412 ms  0.380 ms  0.377 ms\n 3  ${target}  0.502 ms  0.480 ms  0.475 ms`,
    excludes: ['F01', 'F34', 'F44'],
  },
  'traceroute leaves by the default gateway': {
    text: `$ kubectl exec -it ${FROM.split('/')[1]} -- traceroute -n ${target}\ntraceroute to ${target} (${target}), 30 hops max, 46 byte packets\n 1  172.17.0.32  0.051 ms  0.012 ms  0.010 ms\n 2  172.17.0.1  0.412 ms  0.380 ms  0.377 ms\n 3  *  *  *`,
    excludes: ['F01'],
  },
  'mtr meets a firewall': {
    text: `$ traceroute ${target}\n 1  172.17.0.40  0.412 ms !X  0.380 ms !X  0.377 ms !X`,
    decides: 'F51',
  },
  'tracepath is told a smaller MTU': {
    text: ` 1?: [LOCALHOST]                      pmtu 1400`,
    symptom: 'small-ok-large-hang',
    excludes: ['F17'],
  },
  'the other node waits for the answer': {
    text: `node01$ conntrack -L\ntcp      6 118 SYN_SENT src=${source} dst=${target} sport=41030 dport=80 [UNREPLIED] src=${target} dst=${source} sport=80 dport=41030 mark=0 use=1\nconntrack v1.4.6 (conntrack-tools): 1 flow entries have been shown.`,
    excludes: ['F01', 'F34'],
  },
  'the table of connections of the sender, as /proc has it': {
    text: `ipv4     2 icmp     1 29 src=${source} dst=${target} type=8 code=0 id=17 [UNREPLIED] src=${target} dst=${source} type=0 code=0 id=17 mark=0 zone=0 use=2`,
    excludes: ['F49', 'F50'],
  },
  'curl is refused': {
    text: `$ curl -v http://${target}:80\n*   Trying ${target}:80...\n* connect to ${target} port 80 failed: Connection refused\n* Failed to connect to ${target} port 80 after 1 ms: Connection refused\n* Closing connection 0\ncurl: (7) Failed to connect to ${target} port 80 after 1 ms: Connection refused`,
    excludes: ['F01', 'F34'],
  },
  'nc is through': {
    text: `Connection to ${target} 80 port [tcp/http] succeeded!`,
    excludes: ['F01', 'F34', 'F44'],
  },
  'nc of BGP is not answered': {
    text: `controlplane# sudo nc -vz ${peer} 179\nnc: connect to ${peer} port 179 (tcp) failed: Connection timed out`,
  },
  'BIRD has a session': {
    text: 'BIRD v0.3.3+birdv1.6.8 ready.\nname     proto    table    state  since       info\nMesh_172_17_0_40 BGP      master   up     10:00:00    Established   ',
    excludes: ['F34'],
  },
  'BIRD has none': {
    text: 'Mesh_172_17_0_40 BGP      master   start  10:00:00    Active        Socket: Connection refused',
    decides: 'F34',
  },
  'BIRD is not there': {
    text: 'Unable to connect to server control socket /var/run/calico/bird.ctl: No such file or directory',
    decides: 'F41',
  },
  'netstat counts the reverse path filter': {
    text: 'TcpExt:\n    IPReversePathFilter: 42',
    decides: 'F48',
  },
  'netstat says the node does not forward': { text: 'Ip:\n    Forwarding: 2', decides: 'F49' },
  'netstat says it does': { text: 'Ip:\r\n    Forwarding: 1\r\n', excludes: ['F49'] },
  'an interface lost packets': {
    text: '2: ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000\n    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    RX:  bytes packets errors dropped  missed   mcast           \n    9876543   12345      0     17       0       0 \n    TX:  bytes packets errors dropped carrier collsns           \n    9876543   12345      0      0       0       0',
  },
  'somebody listens for BGP': {
    text: 'State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port\nLISTEN  0       8        0.0.0.0:179           0.0.0.0:*',
    excludes: ['F41'],
  },
  'the kernel drops martians, says the journal': {
    text: 'Jan 02 03:04:05 node01 kernel: IPv4: martian source 192.168.196.130 from 192.168.49.66, on dev ens3',
    decides: 'F48',
  },
  'ufw blocks': {
    text: '[ 1234.567890] [UFW BLOCK] IN=ens3 OUT=cali1234 SRC=192.168.49.66 DST=192.168.196.130 LEN=84',
    decides: 'F51',
  },
  'iptables-save counts what FORWARD drops': {
    text: '*filter\n:INPUT ACCEPT [10:840]\n:FORWARD DROP [120:7200]\n:cali-FORWARD - [0:0]\nCOMMIT',
    decides: 'F50',
  },
  'counters of iptables-save name a rule': {
    text: '[240:19200] -A cali-INPUT -p ipencap -m comment --comment "cali:cuIy Drop IPIP packets from non-Calico hosts" -j DROP',
    decides: 'F11',
  },
  'a node has no network plugin': {
    text: '  Ready            False   Mon, 01 Jan 2024 10:00:00 +0000   Mon, 01 Jan 2024 10:00:00 +0000   KubeletNotReady   container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    symptom: 'pending',
    decides: 'F91',
  },
  'calico-node is not there yet': {
    text: '  Warning  FailedCreatePodSandBox  2s  kubelet  plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
    symptom: 'pending',
    decides: 'F87',
  },
  'a pod of calico-node does not run': {
    text: 'NAMESPACE     NAME                READY   STATUS             RESTARTS        AGE   IP            NODE\nkube-system   calico-node-x7k2p   0/1     Init:CrashLoopBackOff   12 (3m ago)   40m   172.17.0.40   node01',
  },
  'indented, with the times of a log, and coloured': {
    text: '    2024-01-02T03:04:05.678Z net.ipv4.ip_forward = 0'.trimStart(),
    decides: 'F49',
  },
  'as facts are fetched': {
    text: `$ ssh controlplane 'ip route get ${target}'\n    ${target} via ${peer} dev tunl0 src 192.168.49.64 uid 0`,
    excludes: ['F34'],
  },
}

/** What looks like one of these and says nothing of the flow that is asked about, or nothing bad. */
const NEAR: Readonly<Record<string, string>> = {
  'a route traced to somebody else': 'traceroute to 8.8.8.8 (8.8.8.8), 30 hops max\n 1  172.17.0.1  0.4 ms',
  'a silent hop': ' 3  * * *',
  'a connection of others':
    'udp      17 25 src=10.1.1.1 dst=10.2.2.2 sport=5 dport=53 src=10.2.2.2 dst=10.1.1.1 sport=53 dport=5 use=1',
  'somebody else is refused': 'curl: (7) Failed to connect to 10.9.9.9 port 80: Connection refused',
  'an interface that lost nothing':
    '    RX:  bytes packets errors dropped  missed   mcast\n    98   12      0     0       0       0',
  'endpoints, where no Service is asked': 'NAME   ENDPOINTS   AGE\nweb    <none>      3d',
  'a socket of another program': 'LISTEN 0 128 127.0.0.1:10248 0.0.0.0:*',
  'a counter that is zero': 'Ip:\n    0 dropped because of missing route',
  'a pod that runs': 'web-0   1/1     Running   0     3d    10.65.0.2   node02',
  'a condition that is well':
    '  NetworkUnavailable   False   Mon, 01 Jan 2024 10:00:00 +0000   CalicoIsUp   Calico is running on this node',
}

/** Lines of a Service without endpoints, whatever printed them. */
const EMPTY: readonly string[] = [
  'NAME   ENDPOINTS   AGE\nweb    <none>      3d',
  'NAME        ADDRESSTYPE   PORTS     ENDPOINTS   AGE\nweb-x7k2p   IPv4          <unset>   <unset>     3d',
  'shop   web-x7k2p   IPv4   <unset>   <unset>   3d',
  'Name:              web\nSelector:          app=web\nEndpoints:         <none>',
]

describe('pasted output', () => {
  it.each(Object.entries(ROWS))('%s', (_, { text, symptom, decides, excludes = [] }) => {
    const diagnosis = asked(text, symptom)
    expect(diagnosis.unread).toEqual([])
    expect(diagnosis.seen.length).toBeGreaterThan(0)
    expect(likely(diagnosis)[0]).toBe(decides)
    expect(diagnosis.verdict).toBe(decides === undefined ? 'undecided' : 'cause')
    expect(gone(diagnosis)).toEqual(expect.arrayContaining([...excludes]))
  })

  it.each(Object.entries(NEAR))('says nothing of the flow by %s', (_, text) => {
    const { unread, candidates, excluded } = asked(text)
    const plain = asked('')
    expect(unread).toEqual([])
    expect({ candidates, excluded }).toEqual({ candidates: plain.candidates, excluded: plain.excluded })
  })

  it.each(EMPTY)('knows a Service without endpoints: %s', (text) => {
    const evidence = [{ name: 'pasted.txt', text }]
    const { unread, candidates } = diagnoseLab(shop, { from: FROM, to: 'svc/default/web', port: 80, evidence })
    expect(unread).toEqual([])
    expect(candidates[0]).toMatchObject({ failure: 'F76', likelihood: 'likely' })
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

  it('is what the line of the three facts prints: each under the prompt of its machine', () => {
    const { factsLine } = asked('')
    const prompts = factsLine.split("echo '").map((part) => part.slice(0, part.indexOf("'")))
    const printed = `${prompts[1]}\n${target} via ${peer} dev tunl0 src 192.168.49.64 uid 0\n${prompts[3]}\n0 packets captured`
    const answered = asked(printed)
    expect(answered.unread).toEqual([])
    expect(gone(answered)).toContain('F34')
    expect(answered.candidates[0]?.failure).toBe('F01')
  })

  it('says what nobody reads', () => {
    expect(asked('something else entirely').unread).toEqual(['pasted.txt:1 something else entirely'])
  })
})

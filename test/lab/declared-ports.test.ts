// A port that the objects declare for another protocol: what is answered for TCP or UDP is no answer for SCTP.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { NoteTopic } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'

const BASE = `
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 10.2.0.11}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 10.2.0.12}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 192.168.0.0/16, vxlanMode: CrossSubnet}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {nodeName: n1}}
---
apiVersion: v1
kind: Pod
metadata: {name: b}
spec:
  nodeName: n2
  containers:
    - {name: sctp, ports: [{containerPort: 38412, protocol: SCTP, hostPort: 38413}]}
    - {name: udp, ports: [{containerPort: 8805, protocol: UDP}]}
    - {name: both, ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: host}, spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, ports: [{containerPort: 36412, protocol: SCTP}]}]}}
---
apiVersion: v1
kind: Service
metadata: {name: amf}
spec:
  type: NodePort
  clusterIP: 10.96.0.7
  externalIPs: [198.18.0.9]
  ports:
    - {name: n2, protocol: SCTP, port: 38412, nodePort: 31412}
    - {name: sbi, port: 80, nodePort: 31080}
    - {name: pfcp, protocol: UDP, port: 8805}
    - {name: dns, protocol: UDP, port: 53}
    - {name: dns-tcp, port: 53}
`

const lab = (ignore: readonly NoteTopic[] = []): Lab => Lab.load(BASE, { ignore })

/** Notes about the protocol, with what they do to the answer. */
const told = (run: Run): string[] =>
  run.notes.filter(({ code }) => code === 'port_protocol').map(({ effect, object }) => `${effect} ${object}`)

type Row = [name: string, ask: (net: Lab) => Run, told: string[]]

const ROWS: readonly Row[] = [
  ['a Service by name', (net) => net.tcp('default/a', 'svc/amf', 38412), ['undecided Service/default/amf']],
  ['by UDP, too', (net) => net.udp('default/a', 'svc/amf', 38412), ['undecided Service/default/amf']],
  ['a Service by address', (net) => net.tcp('default/a', '10.96.0.7', 38412), ['undecided Service/default/amf']],
  [
    'a Service by an outside address',
    (net) => net.tcp('default/a', '198.18.0.9', 38412),
    ['undecided Service/default/amf'],
  ],
  ['its node port', (net) => net.tcp('node/n1', 'node/n2', 31412), ['undecided Service/default/amf']],
  ['a port of a pod', (net) => net.tcp('default/a', 'default/b', 38412), ['undecided Pod/default/b']],
  ['a port of a pod, by UDP', (net) => net.udp('default/a', 'default/b', 38412), ['undecided Pod/default/b']],
  ['a host port', (net) => net.tcp('node/n1', 'node/n2', 38413), ['undecided Pod/default/b']],
  ['a host port of another node', (net) => net.tcp('node/n2', 'node/n1', 38413), []],
  ['a port of a pod of the host', (net) => net.tcp('default/a', 'node/n1', 36412), ['undecided Pod/default/host']],
  ['a TCP port', (net) => net.tcp('default/a', 'svc/amf', 80), []],
  ['a UDP port, asked as TCP', (net) => net.tcp('default/a', 'svc/amf', 8805), ['assumed Service/default/amf']],
  ['a UDP port, asked as UDP', (net) => net.udp('default/a', 'svc/amf', 8805), []],
  ['a UDP port of a pod, asked as TCP', (net) => net.tcp('default/a', 'default/b', 8805), ['assumed Pod/default/b']],
  ['one of both', (net) => net.tcp('default/a', 'default/b', 53), []],
  ['one nobody declares', (net) => net.tcp('default/a', 'default/b', 8080), []],
]

describe('a port of another protocol', () => {
  it.each(ROWS)('%s', (_name, ask, notes) => {
    const run = ask(lab(['services', 'cni']))
    expect(told(run)).toEqual(notes)
    if (notes.some((one) => one.startsWith('undecided'))) expect(run.certainty).toBe('undecided')
  })

  it('is told with its place, what was asked, and the command that decides it', () => {
    const [note] = lab().tcp('default/a', 'default/b', 38412).notes
    expect(note).toMatchObject({
      code: 'port_protocol',
      topic: 'server',
      what: 'containerPort 38412 is SCTP, which packetwalk does not send; what was asked is TCP',
      file: 'input',
      line: 16,
      check: 'kubectl exec -n default b -- ss -ln --sctp',
    })
  })
})

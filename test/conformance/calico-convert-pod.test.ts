// The verb `convert`: a pod as the WorkloadEndpoint that Calico's Kubernetes backend shows.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

type Texts = Readonly<Record<string, string>>
const UID = '8b1f0d3c-5a67-4e21-9f04-d2c6b7a89e10'
const CNI = 'cni.projectcalico.org/'
const QOS = 'qos.projectcalico.org/'

interface Parts {
  readonly metadata?: object
  readonly annotations?: Texts
  readonly spec?: object
  readonly status?: object
}

function ask({ metadata = {}, annotations = {}, spec = {}, status = {} }: Parts, calicoVersion?: string): object {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'api-0', namespace: 'shop', annotations, ...metadata },
    spec: { nodeName: 'n-1', ...spec },
    status,
  }
  return answerCalico({ verb: 'convert', object, ...(calicoVersion && { calicoVersion }) })
}
/** `spec` of the endpoint, or why there is none. */
function specOf(parts: Parts, calicoVersion?: string): unknown {
  const { result } = ask(parts, calicoVersion) as { result: { object: { spec: object } | null; errors: string[] } }
  return result.object?.spec ?? result.errors
}
const withAnnotation = (name: string, value: string, rest: Texts = {}): unknown =>
  specOf({ annotations: { [name]: value, ...rest }, status: { podIP: '10.65.0.3' } })

describe('a pod', () => {
  it('is an endpoint with all that policies ask of it', () => {
    const annotations = { [`${CNI}containerID`]: 'c0ffee', other: 'x' }
    const metadata = {
      uid: UID,
      generateName: 'api-',
      creationTimestamp: '2026-02-03T04:05:06Z',
      resourceVersion: '12',
      labels: { app: 'api', 'projectcalico.org/namespace': 'liar' },
    }
    const status = { phase: 'Running', podIP: '10.65.0.3', podIPs: [{ ip: '10.65.0.3' }, { ip: 'FD00:65::03' }] }
    expect(ask({ metadata: { ...metadata, annotations }, spec: { serviceAccountName: 'runner' }, status })).toEqual({
      result: {
        object: {
          apiVersion: 'projectcalico.org/v3',
          kind: 'WorkloadEndpoint',
          metadata: {
            name: 'n--1-k8s-api--0-eth0',
            namespace: 'shop',
            uid: UID,
            generateName: 'api-',
            creationTimestamp: '2026-02-03T04:05:06Z',
            labels: {
              app: 'api',
              'projectcalico.org/namespace': 'shop',
              'projectcalico.org/orchestrator': 'k8s',
              'projectcalico.org/serviceaccount': 'runner',
            },
          },
          spec: {
            orchestrator: 'k8s',
            node: 'n-1',
            pod: 'api-0',
            endpoint: 'eth0',
            containerID: 'c0ffee',
            serviceAccountName: 'runner',
            interfaceName: 'calieb97322ec89',
            profiles: ['kns.shop', 'ksa.shop.runner'],
            ipNetworks: ['10.65.0.3/32', 'fd00:65::3/128'],
          },
        },
        errors: [],
      },
    })
  })

  it('of the host network is none', () => {
    expect(ask({ spec: { hostNetwork: true } })).toEqual({ result: { object: null, errors: [] } })
  })

  it.each<[what: string, parts: Parts, words: string]>([
    ['without a node', { spec: { nodeName: '' } }, "error with field node = '' (field should be assigned)"],
    ['on a node whose name ends with a dash', { spec: { nodeName: 'n-' } }, "must not end with a '-'"],
    ['whose name begins with a dash', { metadata: { name: '-a' } }, "must not begin with a '-'"],
  ])('%s cannot be converted', (_what, parts, words) => {
    expect(ask(parts)).toMatchObject({ result: { object: null, errors: [expect.stringContaining(words) as string] } })
  })

  it.each([
    [62, true],
    [63, false],
  ])('has a service account of %i characters as label: %s', (length, isLabel) => {
    const serviceAccountName = 'a'.repeat(length)
    const { result } = ask({ spec: { serviceAccountName } }) as { result: { object: { metadata: { labels: Texts } } } }
    expect('projectcalico.org/serviceaccount' in result.object.metadata.labels).toBe(isLabel)
    expect(specOf({ spec: { serviceAccountName } })).toMatchObject({
      serviceAccountName,
      profiles: ['kns.shop', `ksa.shop.${serviceAccountName}`],
    })
  })

  it('passes on its network status, and no other annotation', () => {
    const status = '[{"name":"k8s-pod-network"}]'
    const annotations = { 'k8s.v1.cni.cncf.io/network-status': status, other: 'x' }
    expect(ask({ annotations })).toMatchObject({
      result: { object: { metadata: { annotations: { 'k8s.v1.cni.cncf.io/network-status': status } } } },
    })
    expect(ask({ annotations: { other: 'x' } })).not.toHaveProperty('result.object.metadata.annotations')
  })
})

describe('addresses', () => {
  const both = { [`${CNI}podIPs`]: '10.65.0.5/32,fd00::5/128', [`${CNI}podIP`]: '10.65.0.6/32' }
  it.each<[what: string, parts: Parts, networks: string[] | undefined]>([
    ['none yet', {}, undefined],
    [
      'of the status, in its order',
      { status: { podIP: '10.65.0.3', podIPs: [{ ip: 'fd00::3' }, { ip: '10.65.0.4' }] } },
      ['fd00::3/128', '10.65.0.4/32'],
    ],
    ['of the status before annotations', { annotations: both, status: { podIP: '10.65.0.3' } }, ['10.65.0.3/32']],
    ['of the annotation with all', { annotations: both }, ['10.65.0.5/32', 'fd00::5/128']],
    ['of the annotation with one', { annotations: { [`${CNI}podIP`]: '10.65.0.6' } }, ['10.65.0.6/32']],
    [
      'of Amazon’s plugin',
      { annotations: { 'vpc.amazonaws.com/pod-ips': '10.9.0.1,10.9.0.2' } },
      ['10.9.0.1/32', '10.9.0.2/32'],
    ],
    [
      'of Calico before Amazon',
      { annotations: { 'vpc.amazonaws.com/pod-ips': '10.9.0.1', ...both } },
      ['10.65.0.5/32', 'fd00::5/128'],
    ],
    ['as a range: host bits cleared', { annotations: { [`${CNI}podIP`]: '10.65.0.6/24' } }, ['10.65.0.0/24']],
  ])('%s', (_what, parts, networks) => {
    const { ipNetworks } = specOf(parts) as { ipNetworks?: string[] }
    expect(ipNetworks).toEqual(networks)
  })

  it.each([
    [{ [`${CNI}podIP`]: 'ten' }, 'invalid CIDR address: ten'],
    [{ [`${CNI}podIPs`]: '10.65.0.5, fd00::5' }, 'invalid CIDR address:  fd00::5'],
  ])('that are none: %j', (annotations, words) => {
    expect(specOf({ annotations })).toEqual([words])
  })

  const end = { deletionTimestamp: '2026-02-03T04:05:06Z' }
  const released = { [`${CNI}podIP`]: '' }
  it.each<[what: string, parts: Parts, has: boolean]>([
    ['Pending', { status: { phase: 'Pending' } }, true],
    ['Unknown', { status: { phase: 'Unknown' } }, true],
    ['Succeeded', { status: { phase: 'Succeeded' } }, false],
    ['Failed', { status: { phase: 'Failed' } }, false],
    ['Completed', { status: { phase: 'Completed' } }, false],
    ['ending, with its address', { metadata: end }, true],
    ['ending, released by Calico', { metadata: { ...end, annotations: released } }, false],
    ['ending, released by Amazon', { metadata: { ...end, annotations: { 'vpc.amazonaws.com/pod-ips': '' } } }, false],
    ['released, but not ending', { annotations: released }, true],
  ])('belong to a pod while it has them: %s', (_what, parts, has) => {
    const spec = specOf({ ...parts, status: { podIP: '10.65.0.3', ...parts.status } })
    expect(spec).toHaveProperty('orchestrator')
    expect(Object.hasOwn(spec as object, 'ipNetworks')).toBe(has)
  })
})

describe('ports', () => {
  const ports = [
    { containerPort: 80 },
    { containerPort: 81, name: 'web' },
    { containerPort: 53, name: 'dns', protocol: 'UDP' },
    { containerPort: 9, hostPort: 9009, hostIP: '192.0.2.1', protocol: 'SCTP' },
    { containerPort: 7, name: 'odd', protocol: 'DCCP' },
    { name: 'nothing' },
  ]
  const init = [{ ports: [{ containerPort: 1, name: 'init' }] }]
  const read = [
    { name: 'web', protocol: 'TCP', port: 81, hostPort: 0, hostIP: '' },
    { name: 'dns', protocol: 'UDP', port: 53, hostPort: 0, hostIP: '' },
    { name: '', protocol: 'SCTP', port: 9, hostPort: 9009, hostIP: '192.0.2.1' },
  ]

  it('with a name or on the node are kept, those of init containers last', () => {
    const last = { name: 'init', protocol: 'TCP', port: 1, hostPort: 0, hostIP: '' }
    const spec = { initContainers: init, containers: [{}, { ports }] }
    expect(specOf({ spec })).toMatchObject({ ports: [...read, last] })
    expect(specOf({ spec }, 'v3.29.0'), 'init containers came with v3.30').toMatchObject({ ports: read })
  })
})

describe('annotations with lists', () => {
  it.each<[text: string, nats: object[] | undefined]>([
    ['["192.0.2.9"]', [{ internalIP: '10.65.0.3', externalIP: '192.0.2.9' }]],
    ['["192.0.2.9","2001:db8::9"]', [{ internalIP: '10.65.0.3', externalIP: '192.0.2.9' }]],
    ['[]', undefined],
    ['null', undefined],
  ])('floating addresses %s', (text, nats) => {
    expect((withAnnotation(`${CNI}floatingIPs`, text) as { ipNATs?: object[] }).ipNATs).toEqual(nats)
  })

  it('floating addresses are for a pod with addresses', () => {
    expect(specOf({ annotations: { [`${CNI}floatingIPs`]: 'no list' } })).not.toHaveProperty('ipNATs')
    const annotations = { [`${CNI}floatingIPs`]: '["192.0.2.9"]', [`${CNI}podIP`]: '10.65.0.3/30' }
    expect(specOf({ annotations })).toEqual(['PodIP 10.65.0.0/30 is not a valid IPv4: Mask size is 30, not 32'])
  })

  it('allowed sources are ranges', () => {
    const name = `${CNI}allowedSourcePrefixes`
    expect(withAnnotation(name, '["192.0.2.77/24","2001:db8::/32"]')).toMatchObject({
      allowSpoofedSourcePrefixes: ['192.0.2.0/24', '2001:db8::/32'],
    })
    expect(withAnnotation(name, '')).not.toHaveProperty('allowSpoofedSourcePrefixes')
  })

  it.each([
    [`${CNI}floatingIPs`, 'no list', "failed to parse 'no list' as JSON"],
    [`${CNI}floatingIPs`, '[1]', "failed to parse '[1]' as JSON"],
    [`${CNI}floatingIPs`, '', "failed to parse '' as JSON"],
    [`${CNI}allowedSourcePrefixes`, '{}', "failed to parse '{}' as JSON"],
    [`${CNI}allowedSourcePrefixes`, '["192.0.2.7"]', "failed to parse '192.0.2.7' as a CIDR"],
    [`${CNI}allowedSourcePrefixes`, '[""]', "failed to parse '' as a CIDR"],
  ])('%s: %s cannot be converted', (name, text, words) => {
    expect(withAnnotation(name, text)).toEqual([expect.stringContaining(words) as string])
  })
})

describe('limits', () => {
  const limits = (annotations: Texts, version?: string): unknown =>
    (specOf({ annotations }, version) as { qosControls?: object }).qosControls
  const own = (fields: Texts): Texts =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [QOS + name, value]))

  it.each<[what: string, annotations: Texts, controls: object | undefined]>([
    ['none', {}, undefined],
    ['of Kubernetes', { 'kubernetes.io/egress-bandwidth': '10M' }, { egressBandwidth: 1e7, egressBurst: 2 ** 32 }],
    [
      'of Calico before Kubernetes',
      { 'kubernetes.io/egress-bandwidth': '10M', ...own({ egressBandwidth: '20M' }) },
      { egressBandwidth: 2e7, egressBurst: 2 ** 32 },
    ],
    [
      'of Calico before Kubernetes, even where they cannot be read',
      { 'kubernetes.io/egress-bandwidth': '10M', ...own({ egressBandwidth: 'much' }) },
      undefined,
    ],
    [
      'all of a way',
      own({
        ingressBandwidth: '1Mi',
        ingressBurst: '2.5k',
        ingressPeakrate: '2e6',
        ingressMinburst: '1500',
        ingressPacketRate: '100',
        ingressPacketBurst: '7',
        ingressMaxConnections: '12',
      }),
      {
        ingressBandwidth: 1048576,
        ingressBurst: 2500,
        ingressPeakrate: 2e6,
        ingressMinburst: 1500,
        ingressPacketRate: 100,
        ingressPacketBurst: 7,
        ingressMaxConnections: 12,
      },
    ],
    [
      'a rate of packets has a burst',
      own({ egressPacketRate: '2k' }),
      { egressPacketRate: 2000, egressPacketBurst: 5 },
    ],
    ['parts of a packet are a packet', own({ egressMaxConnections: '1500m' }), { egressMaxConnections: 2 }],
    [
      'too little',
      own({ ingressBandwidth: '-5', ingressPeakrate: '1', ingressMinburst: '0', ingressPacketRate: '0.1' }),
      {
        ingressBandwidth: 1000,
        ingressBurst: 2 ** 32,
        ingressPeakrate: 1010,
        ingressMinburst: 1000,
        ingressPacketRate: 1,
        ingressPacketBurst: 5,
      },
    ],
    [
      'too much',
      own({ ingressBandwidth: '1E', ingressBurst: '1e99', ingressPacketRate: '11k', ingressMaxConnections: '5G' }),
      {
        ingressBandwidth: 1e15,
        ingressBurst: 34359738360,
        ingressPacketRate: 10000,
        ingressPacketBurst: 5,
        ingressMaxConnections: 4294967295,
      },
    ],
    ['a burst without a rate', own({ egressBurst: '1M', egressPacketBurst: '5' }), undefined],
    ['a peak without a bandwidth', own({ egressPeakrate: '1M', egressMinburst: '2k' }), undefined],
    [
      'a peak that is none',
      own({ egressBandwidth: '1M', egressPeakrate: '1M', egressMinburst: '2k' }),
      { egressBandwidth: 1e6, egressBurst: 2 ** 32 },
    ],
    ['a code point by name', own({ dscp: 'af21' }), { dscp: 'AF21' }],
    ['a code point by number', own({ dscp: '46' }), { dscp: 46 }],
    ['a code point that is none', own({ dscp: '64' }), undefined],
    ['a word that is no code point', own({ dscp: 'gold' }), undefined],
  ])('%s', (_what, annotations, controls) => {
    expect(limits(annotations)).toEqual(controls)
  })

  it('came with v3.30, peaks and bursts of packets with v3.31', () => {
    const annotations = own({
      ingressBandwidth: '2M',
      ingressBurst: '1M',
      ingressPeakrate: '3M',
      ingressPacketRate: '5',
      ingressPacketBurst: '5',
      dscp: 'EF',
    })
    expect(limits(annotations, 'v3.29.3')).toBeUndefined()
    expect(limits(annotations, 'v3.30.0')).toEqual({ ingressBandwidth: 2e6, ingressBurst: 2e6, ingressPacketRate: 10 })
  })
})

// What kubectl and calicoctl list, with all kinds, names, forms and selectors, right and wrong.
import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { goldens } from '../support/golden.ts'
import { GOLDEN_LABS, goldenLab, placesOf } from '../support/golden-labs.ts'
import { policyCases } from '../support/policy-cases.ts'
import { eachOf, typed } from '../support/session.ts'

const KUBE_KINDS = [
  'pods',
  'pod',
  'po',
  'nodes',
  'node',
  'no',
  'services',
  'service',
  'svc',
  'endpointslices',
  'endpointslice',
  'endpointslices.discovery.k8s.io',
  'networkpolicies',
  'networkpolicy',
  'netpol',
  'networkpolicies.networking.k8s.io',
  'PODS',
  'pods,nodes',
  'svc,netpol,endpointslices',
  'bogus',
  'pods,bogus',
  '',
]
const FORMS = [
  '',
  '-A',
  '-o wide',
  '-o name',
  '-A -o wide',
  '-n shop',
  '--namespace=kube-system -owide',
  '-n bogus',
  '-A --no-headers',
  '-o yaml',
  '--output json',
  '-o jsonpath={.x}',
  '-z',
  '--bogus',
  '-n',
  '-o',
]
const SELECTORS = [
  'app=b',
  'app==b',
  'app!=b',
  'app',
  '!app',
  'app in (a,b)',
  'app in ( a , b )',
  'app notin (a)',
  'app=b,!canary',
  'app=b,tier=back',
  'tier in (back),app',
  'side=west',
  'app in a',
  'app=(',
  '=b',
  '!app=b',
  'app b',
  ',',
  'kind in ()',
  'a/b=c',
]
const NAMES = [
  'pods a',
  'pods a b',
  'pod/a',
  'pod/a pod/b',
  'pods zz',
  'node n1',
  'node/n1',
  'nodes n1 n9',
  'svc web',
  'svc/web -o wide',
  'svc webb',
  'netpol everyone',
  'pods a -A',
  'pods web-0 -n shop',
  'pods -n shop web-0 db-0 -o name',
  'pods a -l app=b',
  'pod/a svc/web',
]
const CALICO_KINDS = [
  'workloadendpoint',
  'workloadendpoints',
  'wep',
  'weps',
  'ippool',
  'ippools',
  'ipp',
  'ipps',
  'pool',
  'pools',
  'networkpolicy',
  'networkpolicies',
  'policy',
  'np',
  'policies',
  'pol',
  'pols',
  'globalnetworkpolicy',
  'globalnetworkpolicies',
  'gnp',
  'gnps',
  'stagednetworkpolicy',
  'stagednetworkpolicies',
  'snp',
  'stagedglobalnetworkpolicy',
  'stagedglobalnetworkpolicies',
  'sgnp',
  'hostendpoint',
  'hostendpoints',
  'hep',
  'heps',
  'profile',
  'profiles',
  'pro',
  'pros',
  'networkset',
  'networksets',
  'netsets',
  'globalnetworkset',
  'globalnetworksets',
  'gnetsets',
  'tier',
  'tiers',
  'bogus',
  '',
]
const CALICO_FORMS = [
  '',
  '-a',
  '-o wide',
  '-o ps',
  '-a -o wide',
  '--all-namespaces --output=wide',
  '-n shop',
  '-o yaml',
  '-z',
  'zz',
  '-n',
  'later',
  'a b',
]

const LINES: readonly string[] = [
  ...eachOf(eachOf(['kubectl get'], KUBE_KINDS), FORMS),
  ...eachOf(
    ['kubectl get pods -A -l', 'kubectl get nodes -l', 'kubectl get pods --selector', 'kubectl get svc -A -l'],
    SELECTORS.map((one) => `'${one}'`),
  ),
  ...eachOf(['kubectl get'], NAMES),
  ...['kubectl -n shop get pods', 'kubectl get -n shop pods', 'kubectl get', 'kubectl describe pods'],
  ...eachOf(eachOf(['calicoctl get'], CALICO_KINDS), CALICO_FORMS),
  ...[
    'calicoctl',
    'calicoctl node status',
    'calicoctl node',
    'calicoctl node run',
    'calicoctl get pool default-ipv4-ippool',
    'calicoctl get pool four six -o wide',
    'calicoctl get wep a',
    'calicoctl get wep a c -a',
    'calicoctl get WEP',
    'calicoctl get tier platform',
  ],
]

/** More than one of the policy cases has: every case whose objects are of kinds that are listed. */
const CASES = policyCases().filter((_, i) => i % 6 === 0)

const KEYS = [...GOLDEN_LABS, ...CASES.map(({ id }) => `case-${id}`), 'town-vxlan-backend']

function labOf(key: string): Lab {
  if (key === 'town-vxlan-backend') {
    const text = readFileSync('test/support/town.yaml', 'utf8').replace('ipipMode: CrossSubnet', 'vxlanMode: Always')
    const config =
      '---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: calico-config, namespace: kube-system}, data: {calico_backend: vxlan}}\n'
    return Lab.load({ name: 'town.yaml', text: `${text}${config}` })
  }
  const found = CASES.find(({ id }) => `case-${id}` === key)
  return found === undefined
    ? goldenLab(key)
    : Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: found.objects }))
}

describe('objects are listed as they were', () => {
  goldens('objects', KEYS, (key) => {
    const lab = labOf(key)
    const { nodes, others } = placesOf(lab)
    const lines = key.startsWith('case-') ? LINES.filter((_, i) => i % 3 === 0) : LINES
    const [first = ''] = nodes
    const statuses = [...nodes, ...others].map((place) => typed(lab, place, ['calicoctl node status']))
    return [typed(lab, first, lines), ...statuses].join('\n')
  })
})

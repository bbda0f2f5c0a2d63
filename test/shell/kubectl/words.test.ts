// What types are called, how durations are read, and how columns of describe stand.
import { describe, expect, it } from 'vitest'
import { safeSuffix } from '../../../src/controllers/index.ts'
import {
  API_TYPES,
  apiTypeOf,
  isNotModelled,
  resourceName,
  singularOf,
  wordsOf,
} from '../../../src/shell/kubectl/api.ts'
import { tabbed } from '../../../src/shell/kubectl/describe/tabbed.ts'
import { secondsOf } from '../../../src/shell/kubectl/options.ts'

const named = (word: string): string | undefined => {
  const type = apiTypeOf(word)
  return type && resourceName(type)
}

describe('types', () => {
  it.each([
    ['po', 'pods'],
    ['Pod', 'pods'],
    ['PODS', 'pods'],
    ['pods.v1.', 'pods'],
    ['svc', 'services'],
    ['deploy', 'deployments.apps'],
    ['deployments.apps', 'deployments.apps'],
    ['deployment.v1.apps', 'deployments.apps'],
    ['netpol', 'networkpolicies.networking.k8s.io'],
    ['networkpolicy', 'networkpolicies.networking.k8s.io'],
    ['networkpolicies.networking.k8s.io', 'networkpolicies.networking.k8s.io'],
    ['networkpolicies.crd.projectcalico.org', 'networkpolicies.crd.projectcalico.org'],
    ['networkpolicies.projectcalico.org', 'networkpolicies.crd.projectcalico.org'],
    ['networkpolicies.v3.projectcalico.org', 'networkpolicies.crd.projectcalico.org'],
    ['networkpolicies.v1.projectcalico.org', undefined],
    ['ippool', 'ippools.crd.projectcalico.org'],
    ['ippools.crd', 'ippools.crd.projectcalico.org'],
    ['felixconfigurations', 'felixconfigurations.crd.projectcalico.org'],
    ['endpointslices.discovery.k8s.io', 'endpointslices.discovery.k8s.io'],
    ['anp', 'adminnetworkpolicies.policy.networking.k8s.io'],
    ['sts', 'statefulsets.apps'],
    ['pods.apps', undefined],
    ['deployments.v2.apps', undefined],
    ['jobs', undefined],
  ])('%s is %s', (word, name) => expect(named(word)).toBe(name))

  it('have words that lead back to them, but for the second of two with the same name', () => {
    for (const type of API_TYPES) {
      expect(named(resourceName(type))).toBe(resourceName(type))
      if (type.kind === 'NetworkPolicy') continue
      for (const word of wordsOf(type)) expect(apiTypeOf(word)).toBe(type)
      expect(singularOf(type)).toBe(type.kind.toLowerCase())
    }
  })

  it.each(['job', 'jobs.batch', 'ingress', 'ing', 'pvc', 'crds', 'clusterrole', 'networkpolicyz'])('%s', (word) =>
    expect(isNotModelled(word)).toBe(word !== 'networkpolicyz'),
  )
})

it.each([
  ['30s', 30],
  ['1m30s', 90],
  ['1h', 3600],
  ['250ms', 0.25],
  ['0', 0],
  ['-1s', -1],
  ['30', undefined],
  ['soon', undefined],
])('%s lasts %s seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds))

it('cells below each other are equally wide, until a line has none', () => {
  expect(tabbed(['Name:\tweb', 'Labels:\ta=b', '\tc=d', 'Spec:', '  X:\t1', '  Long:\t2'])).toBe(
    'Name:    web\nLabels:  a=b\n         c=d\nSpec:\n  X:     1\n  Long:  2\n',
  )
})

it('what a cluster would draw is the same for the same text, and without vowels', () => {
  expect(safeSuffix('default/web', 5)).toBe(safeSuffix('default/web', 5))
  expect(safeSuffix('default/web', 200)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{200}$/)
  expect(new Set(Array.from({ length: 500 }, (_, i) => safeSuffix(`web ${i}`, 5))).size).toBe(500)
})

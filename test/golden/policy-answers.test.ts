// What policy makes of flows and endpoints, and whom policies select: the clusters of test/fixtures/policy and a town, in all forms.
import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import { policyMarkdown } from '../../src/cli/policy-markdown.ts'
import { policyText } from '../../src/cli/policy-text.ts'
import { yamlText } from '../../src/input/index.ts'
import { Lab, type PolicyQuestion, policyVerdicts, readPolicyCase } from '../../src/lab/index.ts'
import type { PolicyCase } from '../../src/lab/probes/case.ts'
import { completedObjects } from '../../src/lab/probes/completed.ts'
import { InputError } from '../../src/model/index.ts'
import { goldens } from '../support/golden.ts'
import { placesOf } from '../support/golden-labs.ts'
import { policyCases } from '../support/policy-cases.ts'
import { marked } from '../support/told.ts'

/** Every second case: the others are much alike, and test/lab judges all of them. */
const CASES = new Map(
  policyCases()
    .filter((_, i) => i % 2 === 0)
    .map((one) => [one.id, one]),
)

/** What is answered, or why nothing is. */
function answer(ask: () => string): string {
  try {
    return ask()
  } catch (error) {
    if (error instanceof InputError) return `${error.message}\n`
    throw error
  }
}

function reported(lab: Lab, question: PolicyQuestion): string {
  const head = `${JSON.stringify(question)}\n`
  return (
    head +
    answer(() => {
      const report = lab.policy(question)
      return [policyText(report, marked), policyMarkdown(report), yamlText(report)].join('\n')
    })
  )
}

type Flow = Extract<PolicyQuestion, { readonly from: string }>

const PROTOCOLS: Readonly<Record<string, NonNullable<Flow['protocol']>>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
  ICMP: 1,
  ICMPv6: 58,
  UDPLite: 136,
}

/** Every second probe of a case as a flow, what applies to its endpoints, and whom its policies select. */
function questionsOf(lab: Lab, one: PolicyCase): PolicyQuestion[] {
  const flows = one.probes
    .filter((_, i) => i % 2 === 0)
    .map(({ from, to, protocol, port, sourcePort }): Flow => {
      const named = typeof protocol === 'number' ? protocol : ((PROTOCOLS[protocol] ?? protocol) as 'tcp')
      const withPort = typeof named === 'string' && port !== undefined ? { port } : {}
      return { from, to, protocol: named, ...withPort, ...(sourcePort === undefined ? {} : { sourcePort }) }
    })
  const { pods, nodes } = placesOf(lab)
  const policies = one.objects.filter(({ kind }) => kind.includes('Policy')).map(({ metadata }) => metadata.name)
  return [
    ...flows,
    ...[...pods, ...nodes].map((of) => ({ of })),
    ...[...new Set(policies)].map((selects) => ({ selects })),
  ]
}

function caseText(id: string): string {
  const text = JSON.stringify(CASES.get(id))
  const one = readPolicyCase(text)
  const verdicts = answer(() => JSON.stringify(policyVerdicts(one)))
  const lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: completedObjects(one) }))
  const reports = questionsOf(lab, one).map((question) => reported(lab, question))
  return [verdicts, lab.notes.join('\n'), ...reports].join('\n')
}

const ENDS = [
  'default/a',
  'default/b',
  'alone',
  'shop/web-0',
  'shop/db-0',
  'node/n1',
  'node/n2',
  'node/n3',
  'kube-system/agent',
  '192.0.2.7',
  '203.0.113.80',
  'internet',
  'client',
  'fd00:10::81',
]
const TARGETS = [
  ...ENDS,
  'svc/default/web',
  'svc/shop/db',
  'svc/default/lb',
  'svc/default/none',
  'svc/default/only',
  'svc/kube-system/kube-dns',
  'svc/shop/heads',
  'svc/shop/elsewhere',
  'svc/default/six',
  '203.0.113.5',
  '10.96.0.10',
  'bogus',
]
const PORTS: readonly Partial<Flow>[] = [
  {},
  { port: 80 },
  { port: 23 },
  { port: 5432, sourcePort: 1000 },
  { port: 53, protocol: 'udp' },
  { port: 9999, protocol: 'udp' },
  { port: 30083 },
  { port: 8080, protocol: 'sctp' },
  { protocol: 47 },
  { protocol: 4 },
]
const WRONG: readonly PolicyQuestion[] = [
  { from: 'default/a', to: 'default/b', protocol: 'tcp' },
  { from: 'default/a', to: 'default/b', protocol: 47, port: 1 },
  { from: 'default/a', to: 'default/b', port: 0 },
  { from: 'default/a', to: 'default/b', port: 65536 },
  { from: 'default/a', to: 'default/b', port: 'http' },
  { from: 'default/a', to: 'default/b', port: 'bogus' },
  { from: 'default/a', to: 'default/b', port: 'http', protocol: 'sctp' },
  { from: 'default/a', to: 'svc/default/web', port: 'http' },
  { from: 'default/a', to: 'svc/default/web', port: 'http', backend: 'default/c' },
  { from: 'default/a', to: 'svc/default/web', port: 80, backend: 'default/zz' },
  { from: 'default/a', to: 'svc/default/web', port: 81 },
  { from: 'default/a', to: 'svc/default/web', port: 99 },
  { from: 'default/a', to: 'svc/default/web' },
  { from: 'shop/web-0', to: 'svc/kube-system/kube-dns', port: 'dns' },
  { of: 'bogus' },
  { of: '192.0.2.7' },
  { selects: 'bogus' },
  { selects: '' },
]
const POLICIES = [
  'db-from-shop',
  'shop/db-from-shop',
  'NetworkPolicy/shop/db-from-shop',
  'web-out',
  'everyone',
  'alone-in',
  'no-telnet',
  'GlobalNetworkPolicy/no-telnet',
  'later',
  'much-later',
  'shop/idle',
  'hosts',
  'hosts-before',
  'hosts-raw',
  'hosts-all',
  'gnp/hosts',
]

let known: Lab | undefined
function town(): Lab {
  known ??= Lab.load({ name: 'town.yaml', text: readFileSync('test/support/town.yaml', 'utf8') })
  return known
}

function townText(about: string): string {
  const lab = town()
  if (about === 'wrong') return WRONG.map((question) => reported(lab, question)).join('\n')
  if (about === 'policies') return POLICIES.map((selects) => reported(lab, { selects })).join('\n')
  const flows = TARGETS.flatMap((to) => PORTS.map((port) => reported(lab, { from: about, to, ...port } as Flow)))
  return [reported(lab, { of: about }), ...flows].join('\n')
}

describe('policy answers as it did', () => {
  const keys = [...CASES.keys(), ...[...ENDS, 'wrong', 'policies'].map((about) => `town ${about}`)]
  goldens('policy-answers', keys, (key) => (key.startsWith('town ') ? townText(key.slice(5)) : caseText(key)))
})

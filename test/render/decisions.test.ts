// What the views and pictures make of decisions: rules of one pod's endpoint and one Service, by hand.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import { renderHtml, renderMermaid, renderSvg, renderText } from '../../src/render/index.ts'
import {
  CLUSTER_IP,
  DENY,
  filterTable,
  guarded,
  MASQUERADE_SERVICE,
  natTable,
  policyRules,
  WEB,
} from '../trace/firewall.ts'

const into = (...rules: Parameters<typeof policyRules>[]) =>
  filterTable({
    direction: 'ingress',
    endpoint: 'b',
    tiers: [{ tier: 'default', policies: [{ ref: DENY, rules: rules.flatMap((one) => policyRules(...one)) }] }],
  })
const service = { tables: { nat: natTable(1, [MASQUERADE_SERVICE]) } }
const allowed = guarded({ n1: service, n2: into([WEB, 'ingress', 1, 'Allow']) })
const denied = guarded({ n1: service, n2: into([DENY, 'ingress', 1, 'Deny']) })
const ask = (network: typeof denied) => Lab.fromNetwork(network).tcp('a', CLUSTER_IP, 5432).trace

describe('a line a hop', () => {
  it.each([
    { name: 'allowed', network: allowed },
    { name: 'denied', network: denied },
  ])('with a Service, a policy and NAT: $name', async ({ name, network }) => {
    await expect(renderText(ask(network))).toMatchFileSnapshot(`goldens/hops/decisions-${name}.golden.txt`)
  })

  it('fits a screen, and the width', () => {
    for (const width of [60, 80, 120]) {
      const lines = renderText(ask(allowed), { width }).split('\n')
      expect(lines.filter((line) => line.length > width && line.trim().includes(' '))).toEqual([])
      if (width >= 80) expect(lines.length).toBeLessThan(30)
    }
  })
})

describe('deeper views', () => {
  it('frames hold no rules', () => {
    expect(renderText(ask(allowed), { view: 'frames' })).not.toMatch(/cali-|KUBE-/)
  })

  it('reasons hold the chains walked, and the decision behind the rule', () => {
    const text = renderText(ask(denied), { view: 'reasons' })
    expect(text).toMatch(
      /rule: filter cali-pi-deny-db-access rule 1 matches: -j DROP ← felix.*\n {6}policy: default\/deny-db-access ingress rule 1 denies/,
    )
    expect(text).toContain('rule: filter cali-FORWARD rule 1 matches')
    expect(text).not.toContain('no match:')
  })

  it('bytes hold every rule tried, where the network is at hand', () => {
    const trace = ask(denied)
    expect(renderText(trace, { view: 'bytes', network: denied })).toContain(
      'no match: filter cali-tw-cali1 rule 1: -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    )
    expect(renderText(trace, { view: 'bytes' })).not.toContain('no match:')
  })
})

describe('pictures', () => {
  const trace = ask(denied)
  const forms = {
    svg: renderSvg(trace),
    html: renderHtml(trace),
    mermaid: renderMermaid(trace).replaceAll('<br/>', ' '),
  }
  it.each(Object.entries(forms))(
    '%s: the way ends with the policy’s name, the Service is a station with its choice',
    (_form, text) => {
      expect(text).toContain('default/deny-db-access ingress rule 1 denies')
      expect(text).toContain('svc/shop/db:5432')
      expect(text).toMatch(/→ shop\/db-0 10\.1\.0\.66:80/)
      expect(text).not.toMatch(/-j MARK/)
    },
  )

  it('the page holds the change', () => {
    expect(forms.html).toContain('Add before rule 1 of spec.ingress of NetworkPolicy default/deny-db-access:')
  })
})

import { yamlText } from '../../input/index.ts'
import { invalid, type Lab, type PolicyQuestion, type PolicyReport, splitPort } from '../../lab/index.ts'
import { printable, printableLines } from '../../model/index.ts'
import type { POLICY_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'
import { policyMarkdown } from '../policy-markdown.ts'
import { policyText } from '../policy-text.ts'
import { styleFor } from '../terminal.ts'

/** Options of `packetwalk policy`. */
export interface PolicyOptions extends SourceOptions {
  /** `--from`. */
  readonly from?: string
  /** `--to`, with `:PORT`. */
  readonly to?: string
  /** `--selects`. */
  readonly selects?: string
  /** Form. */
  readonly output: (typeof POLICY_FORMATS)[number]
  /** `--udp`. */
  readonly udp?: boolean
  /** `--sctp`. */
  readonly sctp?: boolean
  /** `--protocol`. */
  readonly protocol?: number
  /** `--source-port`. */
  readonly sourcePort?: number
}

/** Says what policy makes of a flow, an endpoint or a policy, without a packet. */
export function policyCommand(endpoint: string | undefined, options: PolicyOptions): number {
  checkWords(endpoint, options)
  const { backend: _, ...source } = options
  const { lab } = openLab(source)
  if (lab.cluster === null) throw invalid('-f FILE: policy is calculated from objects', 'dumps alone')
  const report = lab.policy(questionOf(lab, endpoint, options))
  const shown = isOfOneWay(report, options) ? ofOneWay(report, options) : report
  process.stdout.write(form(shown, options))
  return statusOf(report, options)
}

/** One question at a time. */
function checkWords(endpoint: string | undefined, { from, to, selects, udp, sctp, protocol }: PolicyOptions): void {
  const asked = [
    endpoint === undefined ? '' : 'an endpoint',
    from === undefined && to === undefined ? '' : '--from, --to',
    selects === undefined ? '' : '--selects',
  ].filter((word) => word !== '')
  const expected = '--from A --to B[:PORT], an endpoint, or --selects POLICY'
  if (asked.length !== 1) throw invalid(expected, asked.join(' and ') || 'none of them')
  const protocols = [udp === true, sctp === true, protocol !== undefined].filter(Boolean)
  if (protocols.length > 1) throw invalid('one protocol', 'several')
}

function questionOf(lab: Lab, endpoint: string | undefined, options: PolicyOptions): PolicyQuestion {
  const { from, to, selects, udp, sctp, protocol, sourcePort, backend } = options
  const namespace = namespaceOf(options)
  const said = (word: string): string => lab.endpoint(word, namespace).label
  if (selects !== undefined) return { selects }
  if (endpoint !== undefined) return { of: said(endpoint) }
  if (from === undefined || to === undefined) return { of: said(from ?? splitPort(to ?? '').to) }
  const split = splitPort(to)
  const port = split.port
  const asked = sctp === true ? 'sctp' : udp === true ? 'udp' : (protocol ?? port?.protocol)
  return {
    from: said(from),
    to: said(split.to),
    ...(port === undefined ? {} : { port: port.port }),
    ...(asked === undefined ? {} : { protocol: asked }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(backend === undefined ? {} : { backend: said(backend) }),
  }
}

type Endpoint = Extract<PolicyReport, { kind: 'endpoint' }>

/** Whether only one end was named, so that one direction is asked about. */
function isOfOneWay(report: PolicyReport, { from, to }: PolicyOptions): report is Endpoint {
  return report.kind === 'endpoint' && (from !== undefined || to !== undefined)
}

function ofOneWay(report: Endpoint, { from }: PolicyOptions): Endpoint {
  const direction = from === undefined ? 'ingress' : 'egress'
  const parts = report.parts.map((part) => ({
    ...part,
    rules: part.rules.filter((one) => one.direction === direction),
  }))
  return { ...report, parts }
}

function form(report: PolicyReport, { output }: PolicyOptions): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'yaml':
      return printableLines(yamlText(report))
    case 'md':
      return printableLines(policyMarkdown(report))
    case 'text':
      return policyText(report, styleFor(process.stdout))
  }
}

/** 0 allowed, 1 denied, 3 undecided; a policy that selects nothing is 1, and said. */
function statusOf(report: PolicyReport, { quiet }: PolicyOptions): number {
  const say = (line: string): void => {
    if (quiet !== true) process.stderr.write(`packetwalk: ${printable(line)}\n`)
  }
  switch (report.kind) {
    case 'endpoint':
      return EXIT.ok
    case 'selection': {
      const idle = report.policies.filter(({ pods, hostEndpoints }) => pods.length + hostEndpoints.length === 0)
      for (const { title, selector } of idle) say(`warning: ${title} selects nothing: no endpoint matches ${selector}`)
      return idle.length > 0 ? EXIT.failed : EXIT.ok
    }
    case 'flow':
      if (report.verdict === 'undecided') return EXIT.unknown
      return report.verdict === 'allowed' ? EXIT.ok : EXIT.failed
  }
}

import type {
  BgpPath,
  FilterTest,
  FilterVerdict,
  NeighbourTold,
  PathHop,
  PathRule,
  PrefixExplanation,
} from '../control/index.ts'

/** What decides between two paths, as one says it. */
const RULES: Readonly<Record<PathRule, string>> = {
  preference: 'a protocol of higher preference goes first',
  own: 'what a speaker has itself goes first',
  'local-pref': 'higher local preference',
  'as-path': 'shorter AS path',
  external: 'from another AS before from the own one',
  'router-id': 'smaller router id',
  'cluster-list': 'fewer reflectors on the way',
  address: 'smaller address of the neighbour',
}

/** How a prefix came to a speaker, for people. */
export function explanationText(prefix: string, told: PrefixExplanation, kernel: FilterVerdict | undefined): string {
  const { at, origins, best, hops, others, neighbours, stable } = told
  const from = origins.map((one) => `${one.at} (${one.route.source})`).join(', ')
  const lines = [
    `${prefix} at ${at}: ${best === undefined ? 'not known' : `known, ${pathText(best)}`}`,
    `brought into BGP by ${from === '' ? 'nobody' : from}`,
    ...hops.flatMap(hopLines),
    ...others.map(({ path, rule }) => `another path: ${pathText(path)}; the best one has it by: ${RULES[rule]}`),
    ...neighbours.flatMap((one) => neighbourLine(one)),
    ...(kernel === undefined ? [] : [`to the kernel: ${verdictText(kernel)}`]),
    ...(stable ? [] : ['these paths never come to rest: the policies of several speakers contradict each other']),
  ]
  return `${lines.join('\n')}\n`
}

function pathText({ told, route, clusterList, originatorId }: BgpPath): string {
  const { localPref, asPath = [], nextHop, communities = [] } = route
  return [
    told === undefined ? `its own (${route.source})` : `from ${told.by.peer}`,
    ...(nextHop === undefined ? [] : [`next hop ${nextHop}`]),
    ...(told === undefined || localPref === undefined ? [] : [`local preference ${localPref}`]),
    ...(asPath.length === 0 ? [] : [`AS path ${asPath.join(' ')}`]),
    ...(communities.length === 0 ? [] : [`communities ${communities.join(' ')}`]),
    ...(originatorId === undefined ? [] : [`originator ${originatorId}`]),
    ...(clusterList.length === 0 ? [] : [`clusters ${clusterList.join(' ')}`]),
  ].join(', ')
}

function hopLines({ from, session, path, export: sent, import: taken }: PathHop): string[] {
  const kind = session.localAs === session.peerAs ? 'iBGP' : 'eBGP'
  return [
    `  ${from} -> ${path.at} (${kind}, ${session.localAddress} to ${session.address})`,
    `    export: ${verdictText(sent)}`,
    `    import: ${verdictText(taken)}`,
  ]
}

/** What a filter did, and which of its statements. */
function verdictText({ verdict, by, route }: FilterVerdict): string {
  const word = verdict === 'accept' ? 'accepted' : 'rejected'
  const where = by?.functions.at(-1)
  const because = [
    ...(by?.why === undefined ? [] : [by.why]),
    ...(where === undefined ? [] : [`function ${where}`]),
  ].join('; ')
  const left = [
    ...(route.metric === undefined ? [] : [`metric ${route.metric}`]),
    ...(route.tunnel === undefined ? [] : [`by ${route.tunnel}`]),
    ...(route.preference === undefined ? [] : [`preference ${route.preference}`]),
  ]
  const told = verdict === 'accept' && left.length > 0 ? `, ${left.join(', ')}` : ''
  return `${word}${because === '' ? '' : ` (${because}${testText(by?.test)})`}${told}`
}

function testText(test: FilterTest | undefined): string {
  return test?.ask === 'net' ? `: ${test.prefix}` : ''
}

function neighbourLine({ peer, told }: NeighbourTold): string[] {
  if ('path' in told) return [`neighbour ${peer}: told it`]
  const line = (text: string): string[] => [`neighbour ${peer}: ${text}`]
  switch (told.why) {
    case 'knows-none':
      return []
    case 'from-peer':
      return line('has it from here')
    case 'ibgp':
      return line('has it from its own AS, and does not pass that on: it is no route reflector for this one')
    case 'export-filter':
      return line(`its export filter: ${verdictText(told.verdict)}`)
    case 'import-filter':
      return line(`the import filter here: ${verdictText(told.verdict)}`)
    case 'as-loop':
      return line(`AS ${told.as} is in the path already`)
    case 'originator':
      return line('it was brought into the AS here')
    case 'cluster-loop':
      return line(`it came through cluster ${told.clusterId} already`)
  }
}

import { assertNever } from '../../wire/index.ts'
import type { BirdConfiguration, BirdNeighbour } from './configuration.ts'
import {
  type FilterFunction,
  type FilterStatement,
  type FilterTest,
  OVERRIDING_PREFERENCE,
  PRIORITY_SUM,
} from './filter-program.ts'

/** A block of BIRD's configuration. */
function block(head: string, lines: readonly string[], end = '}'): string[] {
  return [`${head} {`, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), end]
}

/**
 * The configuration of BIRD in one family, in the shape of its file. What confd writes into three files stands in one, and a
 * password by the Secret that holds it.
 */
export function configurationText(config: BirdConfiguration): string {
  const { family, routerId, enabled, listen } = config
  const address = listen.address === undefined ? '' : ` address ${listen.address}`
  const port = listen.port === undefined ? '' : ` port ${listen.port}`
  return [
    `# BIRD of IPv${family}`,
    '',
    ...staticLines(config),
    ...config.functions.flatMap((one) => [...functionLines(one), '']),
    ...block('filter calico_kernel_programming', statementLines(config.kernel)),
    '',
    routerId === undefined ? '# Nothing says a router id: BIRD takes an address of its own.' : `router id ${routerId};`,
    ...(address + port === '' ? [] : [`listen bgp${address}${port};`]),
    '',
    ...block('protocol kernel', KERNEL),
    '',
    ...block('protocol device', [...debugLines(config.debug?.others), 'scan time 2;']),
    '',
    ...block('protocol direct', [...debugLines(config.debug?.others), `interface ${patternsOf(config)};`]),
    '',
    ...(enabled
      ? [...block('template bgp bgp_template', templateLines(config)), '']
      : [`# BGP is not spoken in IPv${family}.`]),
    ...config.neighbours.flatMap((one) => [...neighbourLines(one), '']),
    '',
  ].join('\n')
}

const KERNEL = [
  'learn;',
  'persist;',
  'scan time 2;',
  'import all;',
  'export filter calico_kernel_programming;',
  'graceful restart;',
  'merge paths on;',
]

function debugLines(words: string | undefined): string[] {
  return words === undefined ? [] : [`debug ${words};`]
}

function patternsOf({ directInterfaces }: BirdConfiguration): string {
  return directInterfaces.map((one) => (one.startsWith('-') ? `-"${one.slice(1)}"` : `"${one}"`)).join(', ')
}

const WHY = { block: 'a block of this node', service: 'addresses of Services', peer: 'the way to a peer' } as const

function staticLines({ staticRoutes }: BirdConfiguration): string[] {
  if (staticRoutes.length === 0) return []
  const lines = staticRoutes.map(
    ({ prefix, via, why }) => `route ${prefix} ${via === undefined ? 'blackhole' : `via ${via}`}; # ${WHY[why]}`,
  )
  return [...block('protocol static', lines), '']
}

function templateLines({ debug, localAs }: BirdConfiguration): string[] {
  return [
    ...debugLines(debug?.peers),
    `local as ${localAs};`,
    'gateway recursive;',
    'add paths on;',
    'graceful restart;',
    'connect delay time 2;',
    'connect retry time 5;',
    'error wait time 5,30;',
  ]
}

function neighbourLines(one: BirdNeighbour): string[] {
  const { ttlSecurity, password, peer } = one
  const lines = [
    ...(one.localAs === undefined ? [] : [`local as ${one.localAs};`]),
    `neighbor ${one.address}${one.port === undefined ? '' : ` port ${one.port}`} as ${one.as};`,
    ...(one.sourceAddress === undefined ? [] : [`source address ${one.sourceAddress};`]),
    `ttl security ${ttlSecurity === undefined ? 'off' : 'on'};`,
    ttlSecurity === undefined ? 'multihop;' : `multihop ${ttlSecurity};`,
    ...block('import filter', statementLines(one.import), '};'),
    ...block('export filter', statementLines(one.export), '};'),
    ...(one.passive ? ['passive on;'] : []),
    ...(one.gracefulRestartTime === undefined ? [] : [`graceful restart time ${one.gracefulRestartTime};`]),
    ...(one.keepaliveTime === undefined ? [] : [`keepalive time ${one.keepaliveTime};`]),
    ...(one.clientOf === undefined ? [] : ['rr client;', `rr cluster id ${one.clientOf};`]),
    ...(password === undefined ? [] : [`password "…"; # key ${password.key} of Secret ${password.secret}`]),
    ...(one.nextHop === undefined ? [] : [`next hop ${one.nextHop};`]),
    ...(one.allowLocalAs === undefined ? [] : [`allow local as ${one.allowLocalAs};`]),
  ]
  const why = peer === undefined ? 'node-to-node mesh' : `BGPPeer ${peer}`
  return [`# ${why}`, ...block(`protocol bgp ${one.name} from bgp_template`, lines)]
}

/** Names with signs that BIRD's symbols have not stand in quotes. */
function symbol(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
}

function functionLines({ name, argument, body }: FilterFunction): string[] {
  return block(
    `function ${symbol(name)} (${argument === undefined ? '' : `bool ${argument}`})`,
    statementLines(body, argument),
  )
}

type Argument = FilterFunction['argument']

function statementLines(statements: readonly FilterStatement[], argument?: Argument): string[] {
  return statements.flatMap((one) => linesOf(one, argument))
}

function linesOf(statement: FilterStatement, argument: Argument): string[] {
  switch (statement.do) {
    case 'accept':
    case 'reject':
      return [`${statement.do};${statement.why === undefined ? '' : ` # ${statement.why}`}`]
    case 'if':
      return block(`if ${testText(statement.test, argument)} then`, statementLines(statement.body, argument))
    case 'add-community':
      return [`${listOf(statement.community)}.add(${communityText(statement.community)});`]
    case 'prepend':
      return [`bgp_path.prepend(${statement.as});`]
    case 'local-pref':
      return [`bgp_local_pref = ${statement.value};`]
    case 'preference':
      return [`preference = ${statement.value};`]
    case 'relate-priorities':
      return relateLines(statement.normal)
    case 'metric-of-learnt':
      return metricLines(statement.normal)
    case 'tunnel':
      if (statement.unless === undefined) return ['krt_tunnel = "tunl0";']
      return [
        `if (defined(bgp_next_hop) && bgp_next_hop ~ ${statement.unless}) then krt_tunnel = "";`,
        'else krt_tunnel = "tunl0";',
      ]
    case 'call': {
      const { name, argument: takes } = statement.of
      const told = takes === undefined ? '' : String(statement.sameAs === true)
      return [`${symbol(name)}(${told});`]
    }
    default:
      return assertNever(statement)
  }
}

function relateLines(normal: number): string[] {
  return [
    ...block('if defined(source) && source = RTS_BGP && defined(bgp_local_pref) then', [
      `krt_metric = ${PRIORITY_SUM} - bgp_local_pref;`,
    ]).slice(0, -1),
    ...block('} else', [
      `if !defined(krt_metric) then krt_metric = ${normal};`,
      `bgp_local_pref = ${PRIORITY_SUM} - krt_metric;`,
    ]),
  ]
}

function metricLines(normal: number): string[] {
  return block('if defined(source) && source = RTS_BGP && !defined(krt_metric) then', [
    `krt_metric = ${normal};`,
    `if defined(bgp_local_pref) then krt_metric = ${PRIORITY_SUM} - bgp_local_pref;`,
    `if krt_metric < ${normal} then preference = ${OVERRIDING_PREFERENCE};`,
  ])
}

function listOf(community: string): string {
  return community.split(':').length === 2 ? 'bgp_community' : 'bgp_large_community'
}

function communityText(community: string): string {
  return `(${community.split(':').join(', ')})`
}

function testText(test: FilterTest, argument: Argument): string {
  switch (test.ask) {
    case 'net': {
      const pattern = test.lengths === undefined ? test.prefix : `[ ${test.prefix}{${test.lengths.join(',')}} ]`
      return `net ${test.op} ${pattern}`
    }
    case 'interface':
      return `defined(ifname) && (${test.like.map((pattern) => `ifname ~ "${pattern}"`).join(' || ')})`
    case 'learnt':
      return 'defined(source) && source = RTS_BGP'
    case 'community':
      return `${communityText(test.community)} ~ ${listOf(test.community)}`
    case 'path-begins':
      return `bgp_path ~ [= ${test.path.join(' ')} * =]`
    case 'local-pref':
      return `defined(bgp_local_pref) && bgp_local_pref ${test.op} ${test.value}`
    case 'metric-below':
      return `krt_metric < ${test.value}`
    case 'next-hop':
      return `defined(bgp_next_hop) && bgp_next_hop = ${test.address}`
    case 'same-as':
      return argument ?? 'false'
    case 'not':
      return `!(${testText(test.test, argument)})`
    case 'all':
      return test.tests.map((one) => `(${testText(one, argument)})`).join(' && ')
    default:
      return assertNever(test)
  }
}

// What SARIF 2.1.0 requires of a log, written from the standard: section 3.13 and what it names.

type Fields = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isPlace = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1
const LEVELS: readonly unknown[] = ['none', 'note', 'warning', 'error']

/** What is wrong in a log, by the path of the member; [] = nothing. */
export function faultsOfSarif(log: unknown): string[] {
  const found: string[] = []
  const check = (holds: boolean, path: string): void => {
    if (!holds) found.push(path)
  }
  const maps = (value: unknown, path: string): Fields[] => {
    check(Array.isArray(value) && value.every(isMap), path)
    return Array.isArray(value) ? value.filter(isMap) : []
  }
  if (!isMap(log)) return ['log']
  check(log['version'] === '2.1.0', 'version')
  check(isText(log['$schema']), '$schema')
  for (const run of maps(log['runs'], 'runs')) {
    const tool = isMap(run['tool']) ? run['tool'] : {}
    const driver = isMap(tool['driver']) ? tool['driver'] : {}
    check(isText(driver['name']), 'tool.driver.name')
    check(isText(driver['version']), 'tool.driver.version')
    const rules = maps(driver['rules'], 'rules')
    const ids = rules.map(({ id }) => id)
    check(ids.every(isText) && new Set(ids).size === ids.length, 'rules.id')
    for (const rule of rules) {
      for (const key of ['shortDescription', 'fullDescription', 'help']) {
        const text = rule[key]
        check(
          (text === undefined && key !== 'shortDescription') || (isMap(text) && isText(text['text'])),
          `rules.${key}`,
        )
      }
      const usual = rule['defaultConfiguration']
      check(isMap(usual) && LEVELS.includes(usual['level']), 'rules.defaultConfiguration')
    }
    for (const result of maps(run['results'], 'results')) faultsOfResult(result, ids, check)
  }
  return found
}

function faultsOfResult(result: Fields, ids: readonly unknown[], check: (holds: boolean, path: string) => void): void {
  const { ruleId, ruleIndex, message, level } = result
  check(ids.includes(ruleId) && ids[Number(ruleIndex)] === ruleId, 'results.ruleIndex')
  check(isMap(message) && isText(message['text']), 'results.message')
  check(LEVELS.includes(level), 'results.level')
  const places = [...list(result['locations']), ...list(result['relatedLocations'])]
  for (const place of places) {
    const at = isMap(place) ? place['physicalLocation'] : undefined
    if (!isMap(at)) continue
    const artifact = at['artifactLocation']
    check(
      isMap(artifact) && isText(artifact['uri']) && !/[ #?\\]/.test(String(artifact['uri'])),
      'artifactLocation.uri',
    )
    const region = at['region']
    if (region === undefined) continue
    check(isMap(region) && isPlace(region['startLine']), 'region.startLine')
    if (isMap(region) && region['startColumn'] !== undefined)
      check(isPlace(region['startColumn']), 'region.startColumn')
  }
  for (const one of list(result['suppressions'])) {
    check(isMap(one) && (one['kind'] === 'inSource' || one['kind'] === 'external'), 'suppressions.kind')
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

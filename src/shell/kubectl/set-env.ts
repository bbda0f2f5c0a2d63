import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { givenFrom, type Rewritten, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { isSame, listAt, type PlainMap, textAt } from './object.ts'
import type { Asked, DryRun } from './options.ts'
import { wordOf } from './output.ts'
import type { Found, Selection } from './select.ts'

/** Containers whose environment is kept, by the kinds they are of. */
const KEPT: Readonly<Record<string, string>> = { DaemonSet: 'calico-node', Deployment: 'calico-kube-controllers' }
const VARIABLE = /^([A-Za-z_.-][\w.-]*)(?:=(.*)|(-))$/s
const PATH = ['spec', 'template', 'spec', 'containers'] as const

/** What becomes of variables: a value, or undefined for one that goes. */
type Changes = ReadonlyMap<string, string | undefined>

/** Whether a word is a variable, and not a type or a name. */
export function isVariable(word: string): boolean {
  return VARIABLE.test(word)
}

/** `kubectl set env TYPE NAME [-c CONTAINER] KEY=VALUE… KEY-… | --list`. @kubernetes kubectl/pkg/cmd/set/set_env.go */
export function setEnv(
  kube: OpenKube,
  asked: Asked,
  { found, errors }: Selection,
  variables: readonly string[],
  dry: DryRun,
): Run {
  const changes = changesOf([...variables, ...asked.all('env')])
  const foreign = found.find((one) => containersOf(one, asked).every(({ isKept }) => !isKept))
  if (asked.has('list')) return linesRun({ out: found.flatMap((one) => listing(one, asked)), errors })
  if (changes.size === 0) return failed('error: at least one environment variable must be provided')
  if (foreign !== undefined)
    return failed(
      `error: kubectl set env is not modelled here for ${wordOf(foreign)}: of the environment of containers only that of calico-node and calico-kube-controllers is kept; kubectl rollout restart makes its pods anew, too`,
    )
  const rewritten: Rewritten[] = []
  for (const one of found) {
    const { value } = givenFrom(one)
    const after = containersOf(one, asked).map(({ container, isMeant, isKept }) =>
      isMeant && isKept ? withVariables(container, changes, asked.text('overwrite') !== 'false') : container,
    )
    const clash = after.find((container): container is string => typeof container === 'string')
    if (clash !== undefined) return failed(`error: '${clash}' already has a value, and --overwrite is false`)
    rewritten.push({ found: one, value: withField(value, PATH, after) })
  }
  const changed = rewritten.filter((one) => !isSame(one.value, givenFrom(one.found).value))
  const result = dry.isDry ? { errors: [], warnings: [] } : rewrite(kube, changed)
  const out = result.errors.length > 0 ? [] : changed.map((one) => `${wordOf(one.found)} env updated${dry.remark}`)
  return warned(linesRun({ out, errors: [...errors, ...result.errors] }), result.warnings)
}

function changesOf(words: readonly string[]): Changes {
  return new Map(
    words.map((word): [string, string | undefined] => {
      const [, name = '', value, gone] = VARIABLE.exec(word) ?? []
      return [name, gone === undefined ? (value ?? '') : undefined]
    }),
  )
}

interface Container {
  readonly container: PlainMap
  readonly name: string
  /** Whether `-c` means it. */
  readonly isMeant: boolean
  readonly isKept: boolean
}

function containersOf(one: Found, asked: Asked): readonly Container[] {
  const wanted = asked.text('containers') ?? '*'
  const pattern = new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
  return (listAt(givenFrom(one).value, ...PATH) as readonly PlainMap[]).map((container) => {
    const name = textAt(container, 'name') ?? ''
    return { container, name, isMeant: pattern.test(name), isKept: KEPT[one.type.kind] === name }
  })
}

function listing(one: Found, asked: Asked): string[] {
  return containersOf(one, asked)
    .filter(({ isMeant }) => isMeant)
    .flatMap(({ container, name }) => [
      `# ${one.type.plural} ${one.object.metadata.name}, container ${name}`,
      ...listAt(container, 'env').map((variable) => {
        const key = textAt(variable, 'valueFrom', 'configMapKeyRef', 'key')
        const from = textAt(variable, 'valueFrom', 'configMapKeyRef', 'name')
        const name = textAt(variable, 'name') ?? ''
        if (key !== undefined) return `# ${name} from configmap ${from}, key ${key}`
        const value = textAt(variable, 'value')
        return value === undefined ? `# ${name} from field path (packetwalk keeps none)` : `${name}=${value}`
      }),
    ])
}

/** A container with other variables; a text names one that has a value already. */
function withVariables(container: PlainMap, changes: Changes, overwrites: boolean): PlainMap | string {
  const env = listAt(container, 'env') as readonly PlainMap[]
  const nameOf = (one: PlainMap): string => textAt(one, 'name') ?? ''
  const clash = env.map(nameOf).find((name) => changes.get(name) !== undefined)
  if (!overwrites && clash !== undefined) return clash
  const kept = env.flatMap((one): PlainMap[] => {
    if (!changes.has(nameOf(one))) return [one]
    const value = changes.get(nameOf(one))
    return value === undefined ? [] : [{ name: nameOf(one), value }]
  })
  const fresh = [...changes].flatMap(([name, value]): PlainMap[] =>
    value === undefined || env.some((one) => nameOf(one) === name) ? [] : [{ name, value }],
  )
  return withField(container, ['env'], [...kept, ...fresh] as Plain)
}

// Flags as the parser of kubectl takes them: every form, and every refusal in its words.
import { describe, expect, it } from 'vitest'
import { type FlagTable, parseFlags, refusedOutput } from '../../src/shell/flags.ts'

const TABLE: FlagTable = {
  valued: { '-n': '-n', '--namespace': '-n', '-o': '-o', '--output': '-o' },
  plain: { '-i': '-i', '--stdin': '-i', '-t': '-t', '-A': '-A' },
  optional: { '--dry-run': '--dry-run' },
  refused: { '--raw': 'there is no server', '-v': 'nothing is logged' },
}
const read = (line: string): unknown => {
  const parsed = parseFlags(line.split(' '), TABLE)
  return typeof parsed === 'string' ? parsed : [Object.fromEntries(parsed.flags), parsed.words]
}

describe('flags', () => {
  it.each([
    ['get pods', {}, ['get', 'pods']],
    ['get - pods', {}, ['get', '-', 'pods']],
    ['-n shop pods', { '-n': 'shop' }, ['pods']],
    ['-nshop pods', { '-n': 'shop' }, ['pods']],
    ['-n=shop pods', { '-n': 'shop' }, ['pods']],
    ['--namespace shop pods', { '-n': 'shop' }, ['pods']],
    ['--namespace=shop pods', { '-n': 'shop' }, ['pods']],
    ['--namespace= pods', { '-n': '' }, ['pods']],
    ['-n a -n b pods', { '-n': 'b' }, ['pods']],
    ['-n -i pods', { '-n': '-i' }, ['pods']],
    ['-it pods', { '-i': true, '-t': true }, ['pods']],
    ['-i -t pods', { '-i': true, '-t': true }, ['pods']],
    ['--stdin pods', { '-i': true }, ['pods']],
    ['--stdin=true pods', { '-i': true }, ['pods']],
    ['--stdin=false pods', {}, ['pods']],
    ['--dry-run pods', { '--dry-run': '' }, ['pods']],
    ['--dry-run=client pods', { '--dry-run': 'client' }, ['pods']],
    ['-Anshop pods', { '-A': true, '-n': 'shop' }, ['pods']],
    ['-An shop pods', { '-A': true, '-n': 'shop' }, ['pods']],
    ['-ono pods', { '-o': 'no' }, ['pods']],
    ['pods -A -o wide', { '-A': true, '-o': 'wide' }, ['pods']],
  ])('%s', (line, flags, words) => expect(read(line)).toEqual([flags, words]))

  it.each([
    ['pods -n', "error: flag needs an argument: 'n' in -n"],
    ['pods -An', "error: flag needs an argument: 'n' in -An"],
    ['pods --namespace', 'error: flag needs an argument: --namespace'],
    [
      '-x pods',
      "error: unknown shorthand flag: 'x' in -x (packetwalk: there are -n, --namespace, -o, --output, -i, --stdin, -t, -A)",
    ],
    [
      '-ix pods',
      "error: unknown shorthand flag: 'x' in -ix (packetwalk: there are -n, --namespace, -o, --output, -i, --stdin, -t, -A)",
    ],
    ['--namespaces x', 'error: unknown flag: --namespaces (packetwalk: did you mean "--namespace"'],
    ['--raw=/x', 'error: --raw is not modelled here: there is no server'],
    ['-v 6', 'error: -v is not modelled here: nothing is logged'],
    ['--toString pods', 'error: unknown flag: --toString (packetwalk: '],
  ])('%s is refused', (line, words) => expect(String(read(line)).slice(0, words.length)).toBe(words))

  it.each([
    [undefined, ['wide'], undefined],
    ['wide', ['wide'], undefined],
    ['json', ['wide', '', 'name'], 'json is not known'],
    ['jsonpath={.spec}', ['wide', '', 'name'], 'jsonpath is not known'],
    [true, ['wide', '', 'name'], 'true is not known'],
  ] as const)('-o %s where there are %j', (form, known, words) => {
    const said = refusedOutput(form, known)
    if (words === undefined) expect(said).toBeUndefined()
    else {
      expect(said).toContain(`error: -o ${words} here: packetwalk keeps of objects only what it reads`)
      expect(said).toMatch(/; there are wide, name$/)
    }
  })
})

// Tools for lines, against what GNU coreutils 9.1, grep 3.8 and mawk printed for the same.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import { namespace, networkOf } from '../../../src/model/index.ts'
import { Shell } from '../../../src/shell/index.ts'

const FILES = { in: 'a 1\nbb 2\nc 3\nbb 4\n', nums: '10\n9\n2\n' }

function typed(line: string): { readonly stdout: string; readonly stderr: string; readonly exitCode: number } {
  const shell = new Shell(Lab.fromNetwork(networkOf([namespace('n', { role: 'node' })], [])))
  for (const [name, text] of Object.entries(FILES)) shell.execute(`cat > ${name} <<'END'\n${text}END`)
  const { stdout, stderr, exitCode } = shell.execute(line)
  return { stdout, stderr, exitCode }
}

describe('lines of texts', () => {
  it.each([
    ['head -n 2 in', 'a 1\nbb 2\n'],
    ['head -n -1 in', 'a 1\nbb 2\nc 3\n'],
    ['head -c 5 in', 'a 1\nb'],
    ['head -c 3 in nums', '==> in <==\na 1\n==> nums <==\n10\n'],
    ['tail -n +2 nums', '9\n2\n'],
    ['tail -c 4 in', 'b 4\n'],
    ['tail -c +3 nums', '\n9\n2\n'],
    ['sort -n nums', '2\n9\n10\n'],
    ['sort -k2n in', 'a 1\nbb 2\nc 3\nbb 4\n'],
    ['sort -k2nr in', 'bb 4\nc 3\nbb 2\na 1\n'],
    ['sort -k1 in', 'a 1\nbb 2\nbb 4\nc 3\n'],
    ["awk 'END {print NR}' in", '4\n'],
    ['awk \'BEGIN {print "x"} {print $1} END {print NR, $0}\' in', 'x\na\nbb\nc\nbb\n4 bb 4\n'],
  ])('%s', (line, stdout) => {
    expect(typed(line)).toEqual({ stdout, stderr: '', exitCode: 0 })
  })

  it.each([
    ['head nope', "head: cannot open 'nope' for reading: No such file or directory\n", 1],
    ['tail nope', "tail: cannot open 'nope' for reading: No such file or directory\n", 1],
    ['cat nope', 'cat: nope: No such file or directory\n', 1],
    ['sort nope', 'sort: cannot read: nope: No such file or directory\n', 2],
  ])('%s is refused', (line, stderr, exitCode) => {
    expect(typed(line)).toMatchObject({ stderr, exitCode })
  })
})

describe('the status of a pipe is that of its last command', () => {
  it.each([
    ['false | cat; echo $?', '0\n'],
    ['true | grep x; echo $?', '1\n'],
    ['cat nope | wc -l; echo $?', '0\n0\n'],
    ['echo a | grep a | cat && echo yes', 'a\nyes\n'],
    ['echo a | grep b | cat || echo no', ''],
  ])('%s', (line, stdout) => {
    expect(typed(line).stdout).toBe(stdout)
  })
})

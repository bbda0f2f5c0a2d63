// xargs, against what that of GNU findutils 4.9 printed and ended with for the same input.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { namespace, networkOf } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'

const typed = (input: string, args: string): { stdout: string; exitCode: number; stderr: string } => {
  const shell = new Shell(Lab.fromNetwork(networkOf([namespace('n', { role: 'node' })], [])))
  shell.execute(`cat > in <<'END'\n${input}\nEND`)
  const { stdout, exitCode, stderr } = shell.execute(`xargs ${args} < in`)
  return { stdout, exitCode, stderr }
}

describe('xargs', () => {
  it.each([
    ['a b\nc', 'echo', 'a b c\n', 0],
    ['a b\nc', '', 'a b c\n', 0],
    ['a b\nc', '-n 1 echo', 'a\nb\nc\n', 0],
    ['a b\nc', '-n2 echo x', 'x a b\nx c\n', 0],
    ['a b\n  c d', '-I {} echo [{}] {}', '[a b] a b\n[c d] c d\n', 0],
    ['a b\nc d\ne', '-L 2 echo', 'a b c d\ne\n', 0],
    [`'a b' "c d" e\\ f`, '-n 1 echo', 'a b\nc d\ne f\n', 0],
    ['a b\nc', "-d '\\n' -n 1 echo", 'a b\nc\n', 0],
    ['', 'echo x', 'x\n', 0],
    ['', '-r echo x', '', 0],
    ['a b', '-n 1 false', '', 123],
    ['a', 'no-such-command', '', 127],
    ['a', '-n 0 echo', '', 1],
  ])('%j | xargs %s', (input, args, stdout, exitCode) => {
    expect(typed(input, args)).toMatchObject({ stdout, exitCode })
  })

  it.each([
    ["it's", 'xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option\n'],
    ['a "b', 'xargs: unmatched double quote; by default quotes are special to xargs unless you use the -0 option\n'],
  ])('%j is refused', (input, stderr) => {
    expect(typed(input, 'echo')).toMatchObject({ exitCode: 1, stderr })
  })

  it('tells commands with -t', () => {
    expect(typed('a b', '-t -n 1 echo')).toMatchObject({ stdout: 'a\nb\n', stderr: 'echo a\necho b\n' })
  })
})

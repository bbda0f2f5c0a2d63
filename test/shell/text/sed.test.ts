// sed, against what GNU sed 4.9 printed for the same scripts.
import { describe, expect, it } from 'vitest'
import { sed } from '../../../src/shell/text/sed.ts'
import type { TextInput } from '../../../src/shell/text/tool.ts'

const TEXT = 'a\nb\nc\nd\ne\nf\n'
const asked = (args: readonly string[]): ReturnType<typeof sed> =>
  sed({ stdin: TEXT, files: {} as TextInput['files'] } as TextInput, args)

describe('sed', () => {
  it.each([
    ['-n', '2,4p', 'b\nc\nd\n'],
    ['-n', '/b/,/d/p', 'b\nc\nd\n'],
    ['-n', '/b/,2p', 'b\n'],
    ['-n', '4,2p', 'd\n'],
    ['-n', '/e/,$p', 'e\nf\n'],
    ['-n', '/b/,+1p', 'b\nc\n'],
    ['-n', '/b/,+0p', 'b\n'],
    ['-n', '2,+9p', 'b\nc\nd\ne\nf\n'],
    ['-n', '/[bd]/,+2p', 'b\nc\nd\n'],
    ['-n', '2!{3!p}', 'a\nd\ne\nf\n'],
    ['-n', '/b/{n;p}', 'c\n'],
    ['-n', 'n;p', 'b\nd\nf\n'],
    ['-n', '{p;q}', 'a\n'],
    ['-n', '$!{$!p}', 'a\nb\nc\nd\ne\n'],
    ['-n', '/b/{=;p}', '2\nb\n'],
    ['', '/b/{n;s/c/X/}', 'a\nb\nX\nd\ne\nf\n'],
    ['', '/b/ {\n n\n s/c/Y/\n}', 'a\nb\nY\nd\ne\nf\n'],
    ['', '2{d};4{s/d/D/}', 'a\nc\nD\ne\nf\n'],
    ['', '$n', 'a\nb\nc\nd\ne\nf\n'],
    ['', 'n;d', 'a\nc\ne\n'],
    ['', '3a x\n3n', 'a\nb\nc\nx\nd\ne\nf\n'],
    ['', '2,3{/b/d;s/$/!/}', 'a\nc!\nd\ne\nf\n'],
  ])('%s %j', (option, script, printed) => {
    expect(asked([...(option === '' ? [] : [option]), script])).toMatchObject({ stdout: printed })
  })

  it.each([
    ['/b/{p', "unmatched `{'"],
    ['p}', "unexpected `}'"],
    ['p x', 'extra characters after command'],
    ['s/a/b', "unterminated `s' command"],
    ['s/a/b/k', "unknown option to `s'"],
    ['N', 'packetwalk does not know the command "N"'],
  ])('%s is refused', (script, why) => {
    expect(asked([script])?.stderr).toContain(why)
    expect(asked([script])?.exitCode).toBe(1)
  })
})

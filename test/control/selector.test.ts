import { describe, expect, test } from 'vitest'
import { isSelectorFault, parseSelector, selects } from '../../src/control/selector.ts'

/** facts/policy.md §9: number, expression, labels, result (undefined = refused). */
const CASES: readonly [number, string, Record<string, string>, boolean | undefined][] = [
  [1, "role == 'db'", { role: 'db' }, true],
  [2, "role == 'db'", { role: 'DB' }, false],
  [3, "role == 'db'", {}, false],
  [4, "role != 'db'", {}, true],
  [5, "role != 'db'", { role: 'db' }, false],
  [6, "role == ''", { role: '' }, true],
  [7, "role == ''", {}, false],
  [8, "role != ''", {}, true],
  [9, "role in {'db','cache'}", { role: 'cache' }, true],
  [10, "role in {'db','cache'}", {}, false],
  [11, 'role in {}', { role: 'db' }, false],
  [12, 'role not in {}', {}, true],
  [13, 'role not in {}', { role: 'db' }, true],
  [14, "role not in {'db'}", {}, true],
  [15, "role not in {'db'}", { role: 'db' }, false],
  [16, "role notin {'db'}", { role: 'web' }, true],
  [17, "role in {'db',}", { role: 'db' }, true],
  [18, "role in {'a' 'b'}", {}, undefined],
  [19, "a in {'x','x'}", { a: 'x' }, true],
  [20, 'has(role)', { role: '' }, true],
  [21, 'has(role)', {}, false],
  [22, '!has(role)', {}, true],
  [23, '! has( role )', { role: 'x' }, false],
  [24, "has('role')", {}, undefined],
  [25, 'has (role)', {}, undefined],
  [26, 'all()', {}, true],
  [27, '!all()', { a: 'b' }, false],
  [28, '!!all()', {}, true],
  [29, '', {}, true],
  [30, 'all( )', {}, true],
  [31, 'all ()', {}, undefined],
  [32, 'All()', {}, undefined],
  [33, 'global()', { a: 'b' }, true],
  [34, "name contains 'ron'", { name: 'frontend' }, true],
  [35, "name contains ''", { name: 'x' }, true],
  [36, "name contains ''", {}, false],
  [37, "name starts with 'fr'", { name: 'frontend' }, true],
  [38, "name startswith 'fr'", { name: 'frontend' }, true],
  [39, "name starts  with 'fr'", { name: 'frontend' }, true],
  [40, "name startsWith 'fr'", {}, undefined],
  [41, "name ends with 'end'", { name: 'frontend' }, true],
  [42, "name endswith 'END'", { name: 'frontend' }, false],
  [43, "!name starts with 'fr'", {}, true],
  [44, "a == 'x' || b == 'y' && c == 'z'", { a: 'x' }, true],
  [45, "a == 'x' || b == 'y' && c == 'z'", { b: 'y' }, false],
  [46, "(a == 'x' || b == 'y') && c == 'z'", { a: 'x' }, false],
  [47, "(a == 'x' || b == 'y') && c == 'z'", { b: 'y', c: 'z' }, true],
  [48, "!a == 'x'", { a: 'x' }, false],
  [49, "!a == 'x' && b == 'y'", { b: 'y' }, true],
  [50, "!(a == 'x' && b == 'y')", { a: 'x' }, true],
  [51, '!!!has(a)', { a: '1' }, false],
  [52, "a=='x'&&b=='y'", { a: 'x', b: 'y' }, true],
  [53, "a = 'x'", {}, undefined],
  [54, 'a == x', {}, undefined],
  [55, "'a' == 'x'", {}, undefined],
  [56, 'a', {}, undefined],
  [57, "a == 'x' & b == 'y'", {}, undefined],
  [58, "a == 'x' and b == 'y'", {}, undefined],
  [59, "(a == 'x'", {}, undefined],
  [60, '()', {}, undefined],
  [61, "a == 'x')", {}, undefined],
  [62, 'a == "it\'s"', { a: "it's" }, true],
  [63, "a == 'b\\'c'", {}, undefined],
  [64, "a == 'x", {}, undefined],
  [65, "projectcalico.org/namespace == 'dev'", { 'projectcalico.org/namespace': 'dev' }, true],
  [66, "in in {'in'}", { in: 'in' }, true],
  [67, "not in {'x'}", { not: 'y' }, false],
  [68, "has == 'x'", { has: 'x' }, true],
  [69, "contains contains 'x'", { contains: 'axb' }, true],
  [70, 'a contains b', {}, undefined],
  [71, "a not  in {'b'}", { a: 'c' }, true],
  [72, "a in('b')", {}, undefined],
  [73, "a inx {'b'}", {}, undefined],
  [74, "a == 'x' || all()", {}, true],
  [75, "a == 'x' && !all()", { a: 'x' }, false],
  [76, "a == ' x '", { a: 'x' }, false],
  [77, "-a == 'x'", { '-a': 'x' }, true],
  [78, "a@b == 'x'", {}, undefined],
  [79, "a == 'x' ||\nb == 'y'", {}, undefined],
  [80, "!has(a) || a != 'x'", {}, true],
  [81, '((((has(a)))))', { a: '' }, true],
  [82, "has(a) == 'x'", {}, undefined],
  [83, "1 == '1'", { '1': '1' }, true],
  [84, 'a == 1', {}, undefined],
  [85, "a == 'x' ||", {}, undefined],
  [86, "a starts with 'x' ends with 'y'", {}, undefined],
  [87, "a not in {'x'} || a in {'x'}", {}, true],
]

describe('selectors (policy.md §9)', () => {
  test.each(CASES)('%i: %s', (_, expression, labels, want) => {
    const parsed = parseSelector(expression)
    expect(isSelectorFault(parsed) ? undefined : selects(parsed, labels)).toBe(want)
  })

  test('a fault says where', () => {
    expect(parseSelector("a == 'x' & b")).toEqual({ position: 9, expected: '"&&", "||" or the end' })
    expect(parseSelector("a == 'x")).toEqual({ position: 7, expected: "a closing '" })
  })
})

describe('selectors without bound', () => {
  test('take many terms', () => {
    const parsed = parseSelector(Array(20_000).fill('!has(x)').join(' && '))
    expect(!isSelectorFault(parsed) && selects(parsed, {})).toBe(true)
  })

  test('take 200 parentheses inside each other and no more', () => {
    const nested = (n: number) => parseSelector(`${'('.repeat(n)}all()${')'.repeat(n)}`)
    expect(nested(200)).toEqual({ op: 'all' })
    expect(nested(201)).toEqual({
      position: 201,
      expected: 'at most 200 parentheses inside each other',
      isTooDeep: true,
    })
  })
})

// The rules of docs/architecture.md that a compiler does not hold: who may import whom, what the core may not
// touch, how long a file may be. A new arrow needs a reason in docs/decisions.md before it is added here.
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { everyNode, importedPath, lineOf, ROOT, type SourceFile, sourceFiles } from '../support/source-files.ts'

/** The rooms of the core from the ground up: a room imports only rooms before it. */
const CORE = [
  'wire',
  'model',
  'linux',
  'commands',
  'encap',
  'dataplane',
  'control',
  'controllers',
  'input',
  'lint',
  'calico',
  'dumps',
  'programs',
  'timeline',
  'failures',
  'topology',
  'replay',
  'trace',
  'diagnose',
  'render',
  'shell',
  'lab',
  'session',
  'payload',
  'captured',
  'reach',
  'expect',
  'review',
  'troubleshoot',
  'ask',
  'views',
  'teach',
] as const

/** The rooms before one. */
const below = (room: (typeof CORE)[number]): string[] => CORE.slice(0, CORE.indexOf(room))

/** Which rooms a room may import. `.` is src/index.ts, the front door. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  model: ['wire'],
  linux: ['wire', 'model'],
  commands: ['wire', 'model', 'linux'],
  encap: ['wire', 'model'],
  dataplane: ['wire', 'model', 'encap'],
  control: ['wire', 'model', 'linux', 'encap'],
  controllers: ['wire', 'model', 'control'],
  input: ['wire', 'model', 'control'],
  lint: ['wire', 'model', 'linux', 'control', 'input'],
  calico: ['wire', 'model', 'linux', 'control', 'input'],
  dumps: ['wire', 'model', 'linux', 'control', 'input'],
  programs: ['wire', 'model', 'linux', 'dataplane'],
  timeline: ['wire', 'model', 'linux', 'commands', 'dataplane', 'control', 'controllers'],
  failures: ['wire', 'model', 'linux', 'commands', 'control', 'controllers', 'input', 'timeline'],
  topology: ['wire', 'model', 'control'],
  replay: ['wire', 'model', 'linux', 'commands', 'dataplane', 'programs'],
  trace: ['wire', 'model', 'linux'],
  diagnose: ['wire', 'model', 'linux', 'control', 'trace'],
  render: ['wire', 'model', 'linux', 'timeline', 'topology', 'trace'],
  shell: below('shell'),
  lab: below('lab'),
  session: below('session'),
  payload: below('payload'),
  captured: below('captured'),
  reach: below('reach'),
  expect: below('expect'),
  review: below('review'),
  troubleshoot: below('troubleshoot'),
  ask: below('ask'),
  views: below('views'),
  teach: below('teach'),
  cli: [...CORE],
  testing: ['wire', 'model', 'control'],
  '.': [...CORE],
}

/** Which packages a room may import. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  model: ['immer', 'graphology', 're2js'],
  control: ['@noble/hashes'],
  dataplane: ['pure-rand'],
  teach: ['pure-rand'],
  input: ['yaml', 'fflate', 'valibot'],
  calico: ['valibot'],
  session: ['fflate', 'valibot'],
  testing: ['fast-check'],
  cli: ['commander', 'node:'],
}

const ARCHITECTURE = readFileSync(`${ROOT}docs/architecture.md`, 'utf8')
const files = sourceFiles()
const rooms = [...new Set(files.map((file) => file.room))]

function offences(select: (file: SourceFile) => boolean, find: (file: SourceFile) => string[]): string[] {
  return files.filter(select).flatMap(find)
}

describe('rooms', () => {
  it('are those of the table, and every file lives in one', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(rooms.filter((room) => !(room in MAY_IMPORT))).toEqual([])
    expect(files.filter((file) => file.room === '.').map((file) => file.path)).toEqual(['index.ts'])
  })

  /** Where a room speaks to the others; nobody imports the command, its face is the program. */
  const faceOf = (room: string): string =>
    room === '.' ? 'index.ts' : room === 'cli' ? 'cli/main.ts' : `${room}/index.ts`

  it('stand in an order in which no arrow runs back up', () => {
    const order: readonly string[] = CORE
    const upwards = order.flatMap((room, at) =>
      (MAY_IMPORT[room] ?? []).filter((below) => order.indexOf(below) >= at).map((below) => `${room} → ${below}`),
    )
    expect(upwards).toEqual([])
  })

  it('are in the table of docs/architecture.md, with the rooms each may import', () => {
    const rows = [...ARCHITECTURE.matchAll(/^\| `([a-z]+)` \| .* \| ([^|]+) \|$/gm)].map(([, room, may]) => ({
      room: room as string,
      may: (may as string).split(', '),
    }))
    const above = (at: number): string[] => rows.slice(0, at).map(({ room }) => room)
    const written = rows.map(({ room, may }, at) => [
      room,
      may[0] === '–' ? [] : may[0] === 'all above' ? above(at) : may,
    ])
    const { '.': _, ...held } = MAY_IMPORT
    expect(Object.fromEntries(written)).toEqual(held)
  })

  it('are drawn in docs/architecture.md as they import each other, without arrows that follow from others', () => {
    const imported = new Map(rooms.map((room) => [room, new Set<string>()]))
    for (const file of files) {
      for (const { specifier } of file.imports) {
        const target = importedPath(file.path, specifier)?.split('/')[0]
        if (target !== undefined && target !== file.room) imported.get(file.room)?.add(target)
      }
    }
    const reached = (room: string): Set<string> =>
      new Set([...(imported.get(room) ?? [])].flatMap((below) => [below, ...reached(below)]))
    const arrows = rooms
      .filter((room) => room !== '.')
      .flatMap((room) => {
        const below = [...(imported.get(room) ?? [])]
        const own = below.filter((one) => !below.some((other) => reached(other).has(one)))
        return own.map((one) => `  ${room} --> ${one}`)
      })
    const drawing = ARCHITECTURE.slice(ARCHITECTURE.indexOf('flowchart BT'))
    const drawn = drawing.slice(0, drawing.indexOf('```')).match(/^ {2}\w+ --> \w+$/gm) ?? []
    expect([...drawn].sort()).toEqual(arrows.sort())
  })

  it.each(rooms)('%s has a public face with a comment that says what it is for', (room) => {
    const face = files.find((file) => file.path === faceOf(room))
    expect(face, `src/${faceOf(room)}`).toBeDefined()
    expect(face?.syntax.text).toContain('@packageDocumentation')
  })

  it.each(rooms)('%s imports only the rooms below it, and only through their index.ts', (room) => {
    const wrong = offences(
      (file) => file.room === room,
      (file) =>
        file.imports.flatMap(({ specifier, line }) => {
          const target = importedPath(file.path, specifier)
          if (target === undefined) return []
          const targetRoom = target.includes('/') ? target.slice(0, target.indexOf('/')) : '.'
          if (targetRoom === room) return []
          const allowed = (MAY_IMPORT[room] ?? []).includes(targetRoom) && target === `${targetRoom}/index.ts`
          return allowed ? [] : [`src/${file.path}:${line} imports ${specifier}`]
        }),
    )
    expect(wrong).toEqual([])
  })

  it.each(rooms)('%s uses only the packages it is allowed', (room) => {
    const wrong = offences(
      (file) => file.room === room,
      (file) =>
        file.imports
          .filter(({ specifier }) => !specifier.startsWith('.'))
          .filter(({ specifier }) => !(MAY_USE[room] ?? []).some((name) => isOrIsIn(specifier, name)))
          .map(({ specifier, line }) => `src/${file.path}:${line} imports ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  it('import files that exist, by their .ts name', () => {
    const wrong = offences(
      () => true,
      (file) =>
        file.imports.flatMap(({ specifier, line }) => {
          const target = importedPath(file.path, specifier)
          if (target === undefined || (target.endsWith('.ts') && existsSync(`${ROOT}src/${target}`))) return []
          return [`src/${file.path}:${line} imports ${specifier}`]
        }),
    )
    expect(wrong).toEqual([])
  })

  it('have no import cycle between files', () => {
    expect(cycles()).toEqual([])
  })
})

function isOrIsIn(specifier: string, name: string): boolean {
  return name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`)
}

/**
 * Every import cycle found by walking depth first, as `a.ts → b.ts → a.ts`. Types of one room may refer to each other
 * (a namespace has devices, a device is in a namespace); between rooms the table of rooms leaves no cycle at all.
 */
function cycles(): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter(({ typeOnly }) => !typeOnly)
        .map(({ specifier }) => importedPath(file.path, specifier))
        .filter((path) => path !== undefined),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of targets.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) walk(path, [])
  return found
}

/** The parts of the dataplane: each may import itself and the kernel, which imports nothing of them; types count. */
const PARTS = ['link', 'ipv4', 'ipv6', 'netfilter', 'sockets', 'tunnels']
const PART_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'dataplane/kernel': ['dataplane/kernel'],
  ...Object.fromEntries(PARTS.map((part) => [`dataplane/${part}`, ['dataplane/kernel', `dataplane/${part}`]])),
}

describe('parts of the dataplane', () => {
  const dataplane = files.filter((file) => file.room === 'dataplane')
  const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))

  it('are those of the table', () => {
    const folders = new Set(dataplane.map((file) => folderOf(file.path)).filter((folder) => folder !== 'dataplane'))
    expect([...folders].sort()).toEqual(Object.keys(PART_MAY_IMPORT).sort())
  })

  it.each(Object.entries(PART_MAY_IMPORT))('%s imports only %j, types counted', (part, allowed) => {
    const wrong = dataplane
      .filter((file) => folderOf(file.path) === part)
      .flatMap((file) =>
        file.imports.flatMap(({ specifier, line }) => {
          const target = importedPath(file.path, specifier)
          if (!target?.startsWith('dataplane/') || allowed.includes(folderOf(target))) return []
          return [`src/${file.path}:${line} imports ${specifier}`]
        }),
      )
    expect(wrong).toEqual([])
  })

  it.each(PARTS)('%s has a face: its entries in the stack, its state in a namespace', (part) => {
    const paths = new Set(dataplane.map((file) => file.path))
    for (const face of ['ops.ts', 'part.ts']) expect(paths).toContain(`dataplane/${part}/${face}`)
  })

  it('keep no state in a module: no `let`, and nothing by namespace, machine or packet', () => {
    const OWNERS = /^WeakMap<\s*(NetNs|NetNamespace|Simulation|World|PacketBuffer)\b/
    const wrong = dataplane.flatMap((file) =>
      file.syntax.statements.filter(ts.isVariableStatement).flatMap((statement) => {
        const { declarationList } = statement
        const isConstant = (declarationList.flags & ts.NodeFlags.Const) !== 0
        const keyed = declarationList.declarations.some(({ initializer }) => {
          const made = initializer !== undefined && ts.isNewExpression(initializer) ? initializer.getText() : ''
          return OWNERS.test(made.replace(/^new /, ''))
        })
        return isConstant && !keyed ? [] : [`src/${file.path}:${lineOf(statement)} ${statement.getText().slice(0, 60)}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('keep nothing in a module that could be written to: what is filled again for each packet is a machine’s, or a part’s', () => {
    const READ_ONLY = /^(readonly |Readonly|\{ readonly \[)/
    /** Caches by a value of the model, and bytes that there are none of. */
    const HARMLESS = /^new (WeakMap<|Uint8Array\(0\))/
    const isWritable = ({ name, type, initializer }: ts.VariableDeclaration): boolean => {
      if (initializer === undefined || !ts.isIdentifier(name) || READ_ONLY.test(type?.getText() ?? '')) return false
      if (ts.isNewExpression(initializer)) return !HARMLESS.test(initializer.getText())
      return ts.isObjectLiteralExpression(initializer) || ts.isArrayLiteralExpression(initializer)
    }
    const wrong = dataplane.flatMap((file) =>
      file.syntax.statements
        .filter(ts.isVariableStatement)
        .flatMap(({ declarationList }) => declarationList.declarations)
        .filter(isWritable)
        .map((one) => `src/${file.path}:${lineOf(one)} ${one.getText().slice(0, 60)}`),
    )
    expect(wrong).toEqual([])
  })
})

/** The files that refer to each other in a ring, types counted: the groups of more than one, the largest first (Tarjan). */
function loops(): string[][] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      file.imports.map(({ specifier }) => importedPath(file.path, specifier)).filter((path) => path !== undefined),
    ]),
  )
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (path: string): void => {
    order.set(path, order.size)
    low.set(path, order.size - 1)
    stack.push(path)
    for (const next of targets.get(path) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(path) !== order.get(path)) return
    const group = stack.splice(stack.indexOf(path))
    if (group.length > 1) found.push(group)
  }
  for (const path of targets.keys()) if (!order.has(path)) visit(path)
  return found.sort((a, b) => b.length - a.length)
}

describe('loops of types', () => {
  /** The room of a file, or the part of the dataplane. */
  const placeOf = (path: string): string =>
    path
      .split('/')
      .slice(0, path.startsWith('dataplane/') ? -1 : 1)
      .join('/')

  it('hold at most 21 files', () => {
    const [largest = []] = loops()
    expect(largest.length, largest.join(' ')).toBeLessThanOrEqual(21)
  })

  it('stay in one room, or one part of the dataplane', () => {
    expect(loops().filter((group) => new Set(group.map(placeOf)).size > 1)).toEqual([])
  })
})

describe('sources', () => {
  /** Names that would bring in the clock, chance or the host; the compiler knows none of them in the core either. */
  const IMPURE = new Set([
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'performance',
    'console',
    'process',
    'crypto',
  ])
  const ASYNC = new Set(['Promise', 'EventEmitter', 'AsyncGenerator', 'Generator'])

  /** Uses of a bare name: not a property, not a declared member. */
  function freeNames(file: SourceFile, banned: ReadonlySet<string>): string[] {
    const found: string[] = []
    everyNode(file.syntax, (node) => {
      if (!ts.isIdentifier(node) || !banned.has(node.text)) return
      const { parent } = node
      const isProperty = ts.isPropertyAccessExpression(parent) && parent.name === node
      const isMember =
        (ts.isPropertyAssignment(parent) ||
          ts.isPropertySignature(parent) ||
          ts.isPropertyDeclaration(parent) ||
          ts.isMethodSignature(parent) ||
          ts.isMethodDeclaration(parent) ||
          ts.isBindingElement(parent) ||
          ts.isShorthandPropertyAssignment(parent) ||
          ts.isParameter(parent)) &&
        (parent.name === node || ('propertyName' in parent && parent.propertyName === node))
      if (!isProperty && !isMember) found.push(`src/${file.path}:${lineOf(node)} ${node.text}`)
    })
    return found
  }

  it('of the core read no clock, no global random source, no timer and no host', () => {
    const clock = (file: SourceFile): string[] => {
      const found: string[] = []
      everyNode(file.syntax, (node) => {
        const impure =
          (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText())) ||
          (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0)
        if (impure) found.push(`src/${file.path}:${lineOf(node)} ${node.getText()}`)
      })
      return found
    }
    expect(
      offences(
        (file) => file.room !== 'cli',
        (file) => [...clock(file), ...freeNames(file, IMPURE)],
      ),
    ).toEqual([])
  })

  it('of the dataplane have no promise, generator or async function', () => {
    const asynchronous = (file: SourceFile): string[] => {
      const found: string[] = []
      everyNode(file.syntax, (node) => {
        const generator =
          (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node)) &&
          node.asteriskToken !== undefined
        if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node) || generator) {
          found.push(`src/${file.path}:${lineOf(node)} ${ts.SyntaxKind[node.kind]}`)
        }
      })
      return found
    }
    expect(
      offences(
        (file) => file.room === 'dataplane' || file.room === 'encap' || file.room === 'wire',
        (file) => [...asynchronous(file), ...freeNames(file, ASYNC)],
      ),
    ).toEqual([])
  })

  it('make no faceless error: drops are data, users get InputError, our bugs are InvariantError', () => {
    const bare = (file: SourceFile): string[] => {
      const found: string[] = []
      everyNode(file.syntax, (node) => {
        const made = ts.isNewExpression(node) || ts.isCallExpression(node) ? node.expression.getText() : ''
        if (['Error', 'TypeError', 'RangeError', 'SyntaxError'].includes(made)) {
          found.push(`src/${file.path}:${lineOf(node)} ${made}(…)`)
        }
      })
      return found
    }
    expect(offences(() => true, bare)).toEqual([])
  })

  it('are at most 500 lines long, in kebab-case files named after a thing of the domain', () => {
    const FACELESS = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types']
    const name = (file: SourceFile): string => file.path.slice(file.path.lastIndexOf('/') + 1, -'.ts'.length)
    const wrong = [
      ...files.filter((file) => file.lines > 500).map((file) => `src/${file.path} has ${file.lines} lines`),
      ...files
        .filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name(file)))
        .map((file) => `src/${file.path}: not kebab-case`),
      ...files.filter((file) => FACELESS.includes(name(file))).map((file) => `src/${file.path}: says nothing`),
    ]
    const long = files.filter((file) => file.lines > 400).map((file) => `src/${file.path} ${file.lines}`)
    if (long.length > 0) console.warn(`over 400 lines, does each still tell one story?\n  ${long.join('\n  ')}`)
    expect(wrong).toEqual([])
  })
})

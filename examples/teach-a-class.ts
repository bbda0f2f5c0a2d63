// A lesson for a class: the same question to everybody, a cluster and an answer of their own for each.
import { readFileSync } from 'node:fs'
import { check, exercise, hint, scene } from 'packetwalk/teach'

const names = readFileSync(new URL('./class.txt', import.meta.url), 'utf8')
const students = names.split('\n').filter((name) => name !== '' && !name.startsWith('#'))

for (const student of students) {
  const { from, to } = scene('ipip', student)
  const task = exercise('ipip', student)
  console.log(`${student}: ${from} → ${to}`)
  console.log(`  to find: ${task.blanks.map(({ name, asks }) => `${name} (${asks})`).join('; ')}`)
  console.log(
    `  right: ${Object.entries(task.solve())
      .map(([name, answer]) => `${name} ${answer}`)
      .join(', ')}`,
  )
}

const task = exercise('ipip', 'Grace')
console.log(`\nGrace asks for a hint: ${hint(task, 1)}`)
console.log(`Grace copies from Ada: ${check(task, exercise('ipip', 'Ada').solve()).toMarkdown()}`)

import type { Command } from 'commander'
import type {
  TeachAnswersOptions,
  TeachFilesOptions,
  TeachHintOptions,
  TeachOptions,
  TeachSheetOptions,
} from './commands/teach.ts'
import { rest, run } from './running.ts'
import { collect, whole } from './typed-options.ts'

const STUDENT = ['--student <name>', 'whose variant; absent = the one of seed 1'] as const
const STUDENTS = ['--students <file>', 'the list of a course: a name a line'] as const

/** `packetwalk teach …`. */
export function addTeach(program: Command): void {
  const teach = program
    .command('teach')
    .description('canonical scenes, misconceptions and exercises, with a variant for each student')
    .addHelpText(
      'after',
      '\nExamples:\n  packetwalk teach list\n  packetwalk teach show clusterip-ping\n  packetwalk teach sheet ipip vxlan --student Ada >ada.md\n  packetwalk teach hint ipip --student Ada --level 2\n  packetwalk teach sheet ipip vxlan/encap --students class.txt --out sheets\n  packetwalk teach answers ipip vxlan/encap --students class.txt\n  packetwalk teach check sheets/*/answers.json',
    )
  teach
    .command('list')
    .description('the scenes and the misconceptions, a line each')
    .action(() => run('teach list', rest, (part) => part.teachListCommand()))
  teach
    .command('show')
    .description('a scene or a misconception: the cluster, the question, what happens, and the answer')
    .argument('<name>', 'as teach list names it')
    .option(...STUDENT)
    .action((name: string, options: TeachOptions) =>
      run('teach show', rest, (part) => part.teachShowCommand(name, options)),
    )
  teach
    .command('files')
    .description('writes the YAML of a scene or a misconception to a folder, for trace, shell and run')
    .argument('<name>', 'as teach list names it')
    .option(...STUDENT)
    .requiredOption('--out <dir>', 'where to write')
    .action((name: string, options: TeachFilesOptions) =>
      run('teach files', rest, (part) => part.teachFilesCommand(name, options)),
    )
  teach
    .command('sheet')
    .description('exercises as Markdown, to be handed out: no answers')
    .argument('[name...]', 'exercises; absent = all')
    .option(...STUDENT)
    .option(...STUDENTS)
    .option('--out <dir>', 'a folder for each student: sheet.md, pictures with blanks, answers.json to hand in')
    .action((names: string[], options: TeachSheetOptions) =>
      run('teach sheet', rest, (part) => part.teachSheetCommand(names, options)),
    )
  teach
    .command('hint')
    .description('a hint for an exercise, in levels: where to look, what to type, nearly the answer')
    .argument('<name>', 'an exercise, as teach sheet takes it')
    .option(...STUDENT)
    .option('--level <n>', 'which, from 1, the vaguest; absent = 1', whole(1, 99))
    .action((name: string, options: TeachHintOptions) =>
      run('teach hint', rest, (part) => part.teachHintCommand(name, options)),
    )
  teach
    .command('answers')
    .description('the answers of students’ variants, for teachers')
    .argument('[name...]', 'exercises; absent = all')
    .option('--student <name>', 'whose (repeatable)', collect)
    .option(...STUDENTS)
    .action((names: string[], options: TeachAnswersOptions) =>
      run('teach answers', rest, (part) => part.teachAnswersCommand(names, options)),
    )
  teach
    .command('check')
    .description('judges the answer sheets that lessons wrote; status 1 when an answer is wrong')
    .argument('<file...>', 'JSON files of lesson.sheet()')
    .action((files: string[]) => run('teach check', rest, (part) => part.teachCheckCommand(files)))
}

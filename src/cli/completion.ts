import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** Adds `packetwalk completion bash|zsh|fish|powershell`, with the fixed values of options and arguments. */
export function addCompletion(program: Command): void {
  const completion = tab(program, { completionCommandName: 'completion' })
  for (const command of program.commands) {
    const known = completion.commands.get(command.name())
    for (const option of command.options) {
      const choices = option.argChoices
      const offered = known?.options.get(option.name())
      if (choices === undefined || offered === undefined) continue
      offered.handler = (complete) => {
        for (const choice of choices) complete(choice, option.description)
      }
    }
  }
}

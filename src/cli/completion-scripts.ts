/** Shells there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** The script of a shell. None runs what was typed: the words are handed over as arguments. */
export function completionScript(shell: (typeof SHELLS)[number]): string {
  return SCRIPTS[shell]
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `# packetwalk in bash: source <(packetwalk completion bash). The package bash-completion is not needed.
_packetwalk() {
  local current=\${COMP_WORDS[COMP_CWORD]} line files=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1; else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ -n $files ]]; then
    [[ $current == "=" ]] && current=
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
  fi
}
complete -F _packetwalk packetwalk
`,
  zsh: `#compdef packetwalk
# packetwalk in zsh: source <(packetwalk completion zsh), or as _packetwalk in a folder of fpath.
_packetwalk() {
  local line files=
  local -a values
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) files=1 ;;
      ?*) values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#values )) && _describe -t values packetwalk values
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _packetwalk ]]; then _packetwalk "$@"; else compdef _packetwalk packetwalk; fi
`,
  fish: `# packetwalk in fish: packetwalk completion fish | source, or as ~/.config/fish/completions/packetwalk.fish
function __packetwalk_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in ($before[1] complete -- $before[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c packetwalk -f -a '(__packetwalk_complete)'
`,
  powershell: `# packetwalk in PowerShell: packetwalk completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName packetwalk -ScriptBlock {
  param($current, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($current -eq '') { $words += '' }
  & packetwalk complete '--' @words 2>$null | Where-Object { $_ -ne ':files' } | ForEach-Object {
    $word, $meaning = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $(if ($meaning) { $meaning } else { $word }))
  }
}
`,
}

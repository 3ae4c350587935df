// The scripts that make shells ask `goose __complete` what may come next.

/** The shells there are scripts for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof shells)[number]

/** Gives the script of a shell. */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}

/** Says where the script goes. */
export function completionHint(shell: Shell): string {
  return hints[shell]
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_goose() {
  local IFS=$'\\n' line word=\${COMP_LINE:0:$COMP_POINT}
  local words=() current=\${COMP_WORDS[COMP_CWORD]}
  # The words as typed: bash would split them at = and :.
  IFS=$' \\t' read -r -a words <<< "$word"
  [[ $word == *[[:space:]] ]] && words+=('')
  local last=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    COMPREPLY+=("\${line:$((\${#last} - \${#current}))}")
  done < <(goose __complete "\${words[@]:1}" 2>/dev/null)
  [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _goose goose`,
  zsh: `#compdef goose
_goose() {
  local -a lines values
  local line
  lines=("\${(@f)$(goose __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line:#*$'\\t'*}:+:\${line#*$'\\t'}}")
  done
  _describe goose values -U
}
compdef _goose goose`,
  fish: `function __goose_complete
  set -l words (commandline -opc) (commandline -ct)
  goose __complete $words[2..-1] 2>/dev/null
end
complete -c goose -f -a '(__goose_complete)'`,
  powershell: `Register-ArgumentCompleter -Native -CommandName goose -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  goose __complete @words 2>$null | ForEach-Object {
    $parts = $_ -split "\`t", 2
    $meaning = if ($parts.Length -gt 1 -and $parts[1]) { $parts[1] } else { $parts[0] }
    [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $meaning)
  }
}`,
}

const hints: Readonly<Record<Shell, string>> = {
  bash: 'put it into ~/.bashrc: eval "$(goose completion bash)"',
  zsh: 'put it into ~/.zshrc after compinit: eval "$(goose completion zsh)"',
  fish: 'goose completion fish > ~/.config/fish/completions/goose.fish',
  powershell: 'goose completion powershell | Out-String | Invoke-Expression, in your $PROFILE',
}

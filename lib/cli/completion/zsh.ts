/**
 * For zsh, to be sourced, or stored as `_addons` in a directory of `fpath`.
 *
 * @param commands names to complete: `addons`, `addons:add` …
 */
export const zshScript = (commands: readonly string[]): string => `#compdef ${commands.join(' ')}
# Completion of addons for zsh.
_addons() {
  local program=\${(Q)words[1]} line value also=''
  local -a typed described
  typed=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  if [[ $program == *addons:?* ]]; then
    typed=("\${program##*addons:}" "\${typed[@]}")
    program=\${program%:*}
  fi
  program=\${program/#\\~\\//$HOME/}
  for line in "\${(@f)$("$program" complete -- "\${typed[@]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    if [[ $line == :* ]]; then
      also=\${line#:}
      continue
    fi
    value=\${line%%$'\\t'*}
    described+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#described )) && _describe addons described
  case $also in
    files) compset -P '--*='; _files ;;
    directories) compset -P '--*='; _files -/ ;;
    programs) _command_names -e; _files ;;
  esac
  return 0
}
if [[ $funcstack[1] == _addons ]]; then
  _addons "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
  compdef _addons ${commands.join(' ')}
fi
`;

/**
 * For bash 3.2 and newer, with or without the package bash-completion. What readline calls words is cut at `:` and `=`: they are
 * put together again, and of an answer only what follows the last of those is given back.
 *
 * @param commands names to complete: `addons`, `addons:add` …
 */
export const bashScript = (commands: readonly string[]): string => `# Completion of addons for bash.
_addons_complete() {
  local rest=\${COMP_LINE:0:COMP_POINT} last=-1 i word line value cur verb program broken quote breaks='' also='' ended=1
  local -a typed=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $i == 0 || $rest == [[:space:]]* ]] && typed[++last]=''
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    [[ $i == "$COMP_CWORD" ]] && word=$rest
    typed[last]=\${typed[last]}$word
    rest=\${rest#"$word"}
  done
  program=\${typed[0]} cur=\${typed[last]} verb='' broken='' quote=''
  case $cur in [\\'\\"]*) quote=\${cur:0:1} cur=\${cur:1} ;; esac
  typed[last]=$cur
  [[ $program == *addons:?* ]] && verb=\${program##*addons:} program=\${program%:"$verb"}
  program=\${program/#\\~\\//$HOME/}
  [[ $COMP_WORDBREAKS == *:* ]] && breaks=:
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
  [[ -n $breaks && -z $quote && $cur == *[$breaks]* ]] && broken=\${cur%"\${cur##*["$breaks"]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) also=\${line#:} ;;
      *)
        value=\${line%%$'\\t'*}
        [[ $value == "$cur"* ]] || continue
        value=\${value#"$broken"}
        [[ -n $quote ]] || printf -v value %q "$value"
        COMPREPLY+=("$value") ;;
    esac
  done < <("$program" complete -- \${verb:+"$verb"} "\${typed[@]:1}" 2>/dev/null)
  cur=\${cur#"$broken"}
  case $also in
    files) also=-f ;;
    directories) also=-d ;;
    programs) also=-c; [[ $cur == */* ]] && also=-f ;;
    *) return 0 ;;
  esac
  [[ $also != -c ]] && { compopt -o filenames 2>/dev/null || ended=0; }
  while IFS= read -r value; do
    [[ $ended == 1 ]] || printf -v value %q "$value"
    COMPREPLY+=("$value")
  done < <(compgen "$also" -- "$cur")
}
complete -F _addons_complete ${commands.join(' ')}
`;

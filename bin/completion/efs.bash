# Completion of efs for bash, in ~/.bashrc: source <(efs completion bash)
_efs() {
  local word line cut found n=0
  local -a words=()
  # What bash cuts at : and = is one word again.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if ((n > 0)) && [[ $word == [:=]* || ${words[n - 1]} == *[:=] ]]; then
      words[n - 1]+=$word
    else
      words[n++]=$word
    fi
  done
  word=${words[n - 1]}
  cut=${word%"${word##*[:=]}"}
  COMPREPLY=()
  _efs_find "$1" "${words[@]}"
  while IFS= read -r line; do
    case $line in
      '') ;;
      :files) compopt -o default 2>/dev/null ;;
      :folders) compopt -o dirnames 2>/dev/null ;;
      *) line=${line%%$'\t'*} && COMPREPLY+=("${line#"$cut"}") ;;
    esac
  done <<<"$found"
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _efs efs efscli

#compdef efs efscli
# Completion of efs for zsh, in ~/.zshrc: source <(efs completion zsh); or this file as _efs in a folder of $fpath
_efs() {
  local line value found front=''
  local -a values shown fronts
  _efs_find "${(@)words[1,CURRENT]}"
  # What stands before a value in the same word is no part of a file's name.
  if [[ ${words[CURRENT]} == -*=* ]]; then
    front=${words[CURRENT]%%=*}=
    compset -P 1 '*='
  fi
  while IFS= read -r line; do
    case $line in
      '') ;;
      :files) _files ;;
      :folders) _files -/ ;;
      *)
        value=${${line%%$'\t'*}#$front}
        if [[ $value == */ ]]; then
          fronts+=("$value")
        else
          values+=("$value") shown+=("${${line#$front}/$'\t'/  -- }")
        fi
        ;;
    esac
  done <<<"$found"
  if (($#values)); then compadd -l -d shown -a values; fi
  if (($#fronts)); then compadd -S '' -a fronts; fi
}
if [[ ${funcstack[1]} == _efs ]]; then _efs "$@"; else compdef _efs efs efscli; fi

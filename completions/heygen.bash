# Asks heygen itself for completions, with the words as they were typed: readline splits them at
# `=`, `:` and `@` too, and replaces only what follows the last of these.
_clap_complete_heygen() {
    local rest="${COMP_LINE:0:COMP_POINT}" unbroken="" words=() last=-1 i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        unbroken="${rest#"${rest%%[![:space:]]*}"}"
        if ((last < 0)) || [[ "$unbroken" != "$rest" ]]; then
            last=$((last + 1))
            words[last]=""
        fi
        if ((i == COMP_CWORD)); then
            words[last]+="$unbroken"
        else
            words[last]+="${COMP_WORDS[i]}"
            rest="${unbroken:${#COMP_WORDS[i]}}"
        fi
    done
    local kept="${words[last]%"$2"}" candidates=() candidate
    kept="${kept//\\/}"
    IFS=$'\013' read -r -d '' -a candidates < <(
        _CLAP_IFS=$'\013' _CLAP_COMPLETE_INDEX="$last" _CLAP_COMPLETE_COMP_TYPE="$COMP_TYPE" \
            _HEYGEN_COMPLETE="bash" "heygen" -- "${words[@]}" 2>/dev/null
    )
    COMPREPLY=()
    for candidate in ${candidates[@]+"${candidates[@]}"}; do
        candidate="${candidate#"$kept"}"
        if [[ "$2" != [\"\']* ]]; then
            local home=""
            [[ "$candidate" == "~/"* ]] && home="~/"
            printf -v candidate '%s%q' "$home" "${candidate#"$home"}"
        fi
        COMPREPLY+=("$candidate")
    done
    if ((${#COMPREPLY[@]} == 1)) && [[ "${COMPREPLY[0]}" == *[\[=/:@] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o bashdefault -o nosort -F _clap_complete_heygen heygen
else
    complete -o bashdefault -F _clap_complete_heygen heygen
fi

# bash completion for kafka-certgen

_kafka_certgen() {
    # Readline breaks words at `=` and `:` too: what stands together on the line is put together again.
    local rest=${COMP_LINE:0:COMP_POINT} word place=-1 at
    local -a words=()
    for ((at = 0; at <= COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ $at -eq 0 || $rest == [[:space:]]* ]]; then words[++place]=; fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        ((at < COMP_CWORD)) || word=$rest
        words[place]+=$word
        rest=${rest#"$word"}
    done
    COMPREPLY=()
    local line what= head=
    local -a found=()
    while IFS= read -r line; do
        if [[ -z $what ]]; then what=$line; else found+=("${line%%$'\t'*}"); fi
    done < <(command kafka-certgen completions bash --place "$place" -- "${words[@]}" 2>/dev/null)
    case $what in
        # Readline completes files best, with their quotes; it does so where nothing else is found.
        files*) compopt -o default 2>/dev/null; return ;;
        folders*) compopt +o default -o dirnames 2>/dev/null; return ;;
    esac
    compopt +o default 2>/dev/null
    # Readline replaces what stands behind the last break alone. It sees none within quotes.
    case ${words[place]} in
        [\'\"]*) ;;
        *)
            for at in = :; do
                if [[ $COMP_WORDBREAKS == *"$at"* && ${words[place]} == *"$at"* ]]; then
                    word=${words[place]%"$at"*}$at
                    ((${#word} <= ${#head})) || head=$word
                fi
            done
            ;;
    esac
    for word in ${found[@]+"${found[@]}"}; do COMPREPLY+=("${word#"$head"}"); done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
    return 0
}

# Order is kept where bash can (4.4).
complete -o nosort -o default -F _kafka_certgen kafka-certgen 2>/dev/null ||
    complete -o default -F _kafka_certgen kafka-certgen

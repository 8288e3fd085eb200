
set edit:completion:arg-completer[heygen] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) _HEYGEN_COMPLETE="elvish" heygen -- $@words) | to-lines
}


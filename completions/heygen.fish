complete --keep-order --exclusive --command heygen --arguments "(_HEYGEN_COMPLETE=fish heygen -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"


Register-ArgumentCompleter -Native -CommandName heygen -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $prev = $env:_HEYGEN_COMPLETE;
    $env:_HEYGEN_COMPLETE = "powershell";

    $args = $commandAst.Extent.Text
    $args = $args.Substring(0, [math]::Min($cursorPosition, $args.Length));
    if ($wordToComplete -eq "") {
        $args += " ''";
    }

    $results = Invoke-Expression @"
& heygen -- $args
"@;
    if ($null -eq $prev) {
        Remove-Item Env:\_HEYGEN_COMPLETE;
    } else {
        $env:_HEYGEN_COMPLETE = $prev;
    }
    $results | ForEach-Object {
        $split = $_.Split("`t");
        $cmd = $split[0];

        if ($split.Length -eq 2) {
            $help = $split[1];
        }
        else {
            $help = $split[0];
        }

        [System.Management.Automation.CompletionResult]::new($cmd, $cmd, 'ParameterValue', $help)
    }
};
        

# PowerShell completion for kafka-certgen

Register-ArgumentCompleter -Native -CommandName 'kafka-certgen' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # The words as they are typed: nothing of the line is evaluated.
    $words = @()
    $place = 0
    foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.StartOffset -ge $cursorPosition) { break }
        $place = $words.Count
        if ($element.Extent.EndOffset -lt $cursorPosition) { $place += 1 }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += $element.Value
        } else {
            $words += $element.Extent.Text
        }
    }
    $found = @(kafka-certgen completions powershell --place $place -- $words 2>$null)
    # Without an answer, PowerShell completes files.
    if ($found.Count -lt 2 -or $found[0] -ne 'words') { return }
    foreach ($line in $found[1..($found.Count - 1)]) {
        $word, $meaning = $line.Split("`t", 2)
        if (-not $meaning) { $meaning = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $meaning)
    }
}

#!/usr/bin/env bash
# Builds the node process of the commit that is named in tests/previous-commit, for the tests that run it together with the one of this build, and prints the path of its DLL as
# the last line. Nothing is built if it is there already. Give the path to the tests as EMBEDDEDREPL_PREVIOUS_NODE:
#   EMBEDDEDREPL_PREVIOUS_NODE=$(tests/build-previous.sh | tail -n 1) dotnet test tests/EmbeddedRepl.IntegrationTests --filter FullyQualifiedName~Upgrade
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

commit=$(<tests/previous-commit)
readonly commit=${commit//[[:space:]]/}
readonly folder=$PWD/artifacts/previous/$commit
readonly program=$folder/bin/EmbeddedRepl.NodeProcess.dll

if [[ ! $commit =~ ^[0-9a-f]{40}$ ]]; then
    printf 'tests/previous-commit must hold the 40 digits of a commit, and holds "%s".\n' "$commit" >&2
    exit 1
fi

if [[ ! -f $program ]]; then
    # A shallow clone may not have it. Servers give single commits to those who ask.
    if ! git cat-file -e "$commit^{commit}" 2>/dev/null && ! git fetch --quiet --no-tags --depth 1 origin "$commit" >&2; then
        printf 'Commit %s is not in this clone and cannot be fetched. Fetch the whole history (git fetch --unshallow) and try again.\n' "$commit" >&2
        exit 1
    fi

    rm -rf "$folder"
    mkdir -p "$folder/source"
    # Without the benchmarks: BenchmarkDotNet looks for their project by its name in the whole checkout, and must find one.
    git archive "$commit" | tar -x -C "$folder/source" --exclude=benchmarks
    dotnet publish "$folder/source/tests/EmbeddedRepl.NodeProcess" -c Release -v q -o "$folder/bin" >&2
    [[ -f $program ]] || { printf 'The build left no %s.\n' "$program" >&2; exit 1; }
fi

printf '%s\n' "$program"

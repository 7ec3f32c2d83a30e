#!/bin/bash -eu
# Run in the builder image, in a checkout: for each fuzz target a program, and its seeds as a zip beside it, in $OUT.
# Arguments are names of targets; all if there are none.

python3 -m pip install -q '.[captures,fuzz,pictures]'
corpus=$(mktemp -d)
python3 -m fuzz_targets seeds --corpus "$corpus"
[ $# -gt 0 ] || set -- $(ls "$corpus")

for name in "$@"; do
    program="fuzz_${name//-/_}"
    cat > "$SRC/$program.py" <<END
import sys

from fuzz_targets.guided import main

main("$name", sys.argv[1:])
END
    compile_python_fuzzer "$SRC/$program.py" --paths "$PWD" --additional-hooks-dir "$PWD/.clusterfuzzlite/hooks" \
        --hidden-import fuzz_targets.target --exclude-module pkg_resources --exclude-module setuptools
    (cd "$corpus/$name" && zip -q "$OUT/${program}_seed_corpus.zip" ./*)
done

#!/bin/sh
# Sets up a machine without a network from the pieces that `gpu_trial.ts --pack` made, and starts
# the trial.
#   scripts/gpu_trial.sh FOLDER [flags of gpu_trial.ts]
# Missing or damaged pieces are named. Needs python3 with venv.
set -eu
pieces=$(cd -- "$1" && pwd) && shift
cd -- "$(dirname -- "$(readlink -f -- "$0")")/.."
joined=build/joined
(cd "$pieces" && sha256sum --quiet --check PIECES.sha256) || {
  echo "Cannot join the pieces: see those above; bring them again" >&2
  exit 1
}
rm -rf "$joined" && mkdir -p "$joined"
for first in "$pieces"/*.piece-000; do
  name=$(basename -- "$first" .piece-000)
  cat "$pieces/$name".piece-* >"$joined/$name"
done
(cd "$joined" && sha256sum --quiet --check "$pieces/FILES.sha256")
[ ! -f "$joined/node_modules.tar.gz" ] || tar -xzf "$joined/node_modules.tar.gz"
python3 -m venv --clear .venv
.venv/bin/python -m pip install --quiet --no-index --no-deps "$joined"/*.whl
rm -rf "$joined"
echo "by gpu_trial.sh" >.venv/ready
DENO_DIR=.venv/cache exec .venv/bin/deno run -A --no-check --cached-only scripts/gpu_trial.ts "$@"

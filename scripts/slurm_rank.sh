#!/bin/sh
# Starts a program as one rank of a Slurm step: makes TF_CONFIG from Slurm's variables.
#     srun --nodes 2 --ntasks-per-node 2 scripts/slurm_rank.sh ./denow task train --level agreement
# Ranks fill one node after the other, Slurm's default; a node's ports begin at PORT (default 29500).
set -eu
hosts=$(scontrol show hostnames "$SLURM_STEP_NODELIST")
# "2(x3),1" is 2, 2, 2 and 1 tasks: one line of the list is "host port" of a rank.
workers=$(printf '%s\n' "$hosts" | awk -v tasks="$SLURM_STEP_TASKS_PER_NODE" -v port="${PORT:-29500}" '
  BEGIN { n = split(tasks, parts, ","); for (i = 1; i <= n; i++) { times = 1
    if (match(parts[i], /x[0-9]+/)) times = substr(parts[i], RSTART + 1, RLENGTH - 1)
    while (times-- > 0) count[++nodes] = parts[i] + 0 } }
  { for (task = 0; task < count[NR]; task++) printf "%s\"%s:%d\"", sep++ ? ", " : "", $1, port + task }')
export TF_CONFIG="{\"cluster\": {\"worker\": [$workers]}, \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}"
exec "$@"

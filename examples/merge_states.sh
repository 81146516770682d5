#!/bin/sh
# Merges the states of all shards into the state from which the pipeline's own runs go on:
#   examples/merge_states.sh 8
set -eu
count=$1
meltano=${MELTANO:-meltano}
pipeline=${MELTANO_ENVIRONMENT:-dev}:tap-magento-to-target-postgres
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

number=1
while [ "$number" -le "$count" ]; do
    "$meltano" state get "$pipeline:shard-$number-of-$count" > "$folder/shard-$number-of-$count.json"
    number=$((number + 1))
done
"$meltano" invoke tap-magento:merge-states "$folder"/shard-*.json > "$folder/merged.json"
printf '{"singer_state": %s}' "$(cat "$folder/merged.json")" > "$folder/state.json"
"$meltano" state set --force "$pipeline" --input-file "$folder/state.json"

#!/bin/sh
# The first sync of a large shop in shards, several at a time, from the Meltano project's folder:
#   examples/shells/first_sync.sh 8 4
# A shard that was killed is run again, and resumes. Run again as a whole, it goes on with the shards that are unfinished.
set -eu
shards=${1:-8}
at_once=${2:-4}

export MELTANO="${MELTANO:-meltano}"
here=$(dirname "$0")

# Makes the tables, and tries the credentials once, before all shards do.
TAP_MAGENTO_SHARD=0/$shards "$MELTANO" run --state-id-suffix=prepare tap-magento target-postgres

number=1
while [ "$number" -le "$shards" ]; do
    echo "$number"
    number=$((number + 1))
done | xargs -P "$at_once" -I '{}' sh "$here/read_shard.sh" '{}' "$shards"

sh "$here/../merge_states.sh" "$shards"
# What changed meanwhile.
"$MELTANO" run tap-magento target-postgres

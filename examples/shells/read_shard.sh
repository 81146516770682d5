#!/bin/sh
# Reads and loads one shard, from where its last run stopped; again if it is killed:
#   examples/shells/read_shard.sh 3 8
set -eu
name=shard-$1-of-$2
export TAP_MAGENTO_SHARD="$1/$2"

# A system folder of its own: there Meltano keeps a plugin's catalog, which runs at once would share.
shared=${MELTANO_SYS_DIR_ROOT:-$PWD/.meltano}
own=$shared/shards/$name
export MELTANO_DATABASE_URI="${MELTANO_DATABASE_URI:-sqlite:///$shared/meltano.db}" MELTANO_SYS_DIR_ROOT="$own"
mkdir -p "$own"
for plugins in extractors loaders; do
    [ -L "$own/$plugins" ] || ln -s "$shared/$plugins" "$own/$plugins"
done

# A retry makes sense only where the shop had let the tap in, and the tap was killed or told to end. What else fails needs
# a person: wrong credentials that are tried again lock the account.
was_stopped() {
    grep -q "Beginning sync of '" "$own/log" || return 1
    ! grep -q 'run_summary ' "$own/log" || grep -q 'the run was told to end' "$own/log"
}

attempt=1
until "${MELTANO:-meltano}" run --state-id-suffix="$name" tap-magento target-postgres > "$own/log" 2>&1; do
    if [ "$attempt" -eq 3 ] || ! was_stopped; then
        tail -n 20 "$own/log" >&2
        echo "$name failed; its log is $own/log" >&2
        exit 1
    fi
    echo "$name was stopped: once more in 10 s"
    attempt=$((attempt + 1))
    sleep 10
done
echo "$name is finished"

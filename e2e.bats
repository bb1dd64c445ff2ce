#!/usr/bin/env bats
# The annotated module under Kubewarden's own kwctl: `make e2e-tests`.
#
# Every case of every pack must get the verdict that its suite expects. What a case asks of the
# cluster is answered by a recording, since kwctl has no folders of objects that answer.

setup_file() {
    cd "$BATS_TEST_DIRNAME"
    export MODULE=$BATS_TEST_DIRNAME/annotated-policy.wasm
    export IMAGE_TRUST=${IMAGE_TRUST:-$BATS_TEST_DIRNAME/target/quick/image-trust}
    [ -f "$MODULE" ] || { echo "annotated-policy.wasm is not built: make annotated-policy.wasm" >&2; return 1; }
    if ! command -v kwctl >/dev/null; then
        if [ "${KWCTL:-}" = required ]; then
            echo "kwctl is not installed, and KWCTL=required" >&2
            return 1
        fi
        skip "kwctl is not installed: https://docs.kubewarden.io"
    fi
    node test_data/cases.mjs >"$BATS_FILE_TMPDIR/cases.tsv"
}

setup() {
    cd "$BATS_TEST_DIRNAME"
}

@test "kwctl inspects the module without a complaint" {
    run --separate-stderr kwctl inspect --output yaml "$MODULE"
    [ "$status" -eq 0 ]
    [[ "$output" == *"protocolVersion: v1"* ]]
    [[ "$output" == *"executionMode: kubewarden-wapc"* ]]
    [[ "$stderr" != *WARN* ]]
}

@test "kwctl scaffolds a manifest" {
    run kwctl scaffold manifest --type ClusterAdmissionPolicy --allow-context-aware "file://$MODULE"
    [ "$status" -eq 0 ]
    [[ "$output" == *"kind: ClusterAdmissionPolicy"* ]]
    [[ "$output" == *"imagestreams/status"* ]]
}

@test "settings that cannot be used are refused" {
    for settings in test_data/refused-settings/*.json; do
        run kwctl run "$MODULE" --request-path test_data/request.json --settings-path "$settings"
        if [ "$status" -eq 0 ] && [[ "$output" == *'"allowed":true'* ]]; then
            echo "$settings was accepted: $output"
            return 1
        fi
        [[ "$output" == *"$(cat "${settings%.json}.reason")"* ]] || { echo "$settings: $output"; return 1; }
    done
}

@test "every case of every pack gets its verdict" {
    local judged=0 wrong=0
    while IFS=$'\t' read -r pack request cluster replay verdict name; do
        arguments=("$MODULE" --request-path "$pack/$request" --settings-path "$pack/settings.yaml")
        if [ "$cluster" != - ]; then
            replay=$BATS_TEST_TMPDIR/recording.yaml
            "$IMAGE_TRUST" run --settings "$pack/settings.yaml" --cluster "$pack/$cluster" --record "$replay" \
                "$pack/$request" >/dev/null || [ $? = 1 ]
        elif [ "$replay" != - ]; then
            replay=$pack/$replay
        fi
        if [ "$replay" != - ]; then
            arguments+=(--allow-context-aware --replay-host-capabilities-interactions "$replay")
        fi
        allowed=$([ "$verdict" = allowed ] && echo true || echo false)
        answer=$(kwctl run "${arguments[@]}" 2>"$BATS_TEST_TMPDIR/errors" || true)
        judged=$((judged + 1))
        if [[ "$answer" != *"\"allowed\":$allowed"* ]]; then
            wrong=$((wrong + 1))
            echo "$pack: $name: expected $verdict, got ${answer:-$(cat "$BATS_TEST_TMPDIR/errors")}"
        fi
    done <"$BATS_FILE_TMPDIR/cases.tsv"
    [ "$judged" -gt 100 ]
    [ "$wrong" -eq 0 ]
}

;; A stand-in for the policy, which judges by single bytes of what it is given:
;; settings with `!` are refused, requests with `!` denied, with `?` passed with a warning;
;; `%` makes it crash and `~` makes it spin.
(module
  (import "wapc" "__guest_request" (func $request (param i32 i32)))
  (import "wapc" "__guest_response" (func $response (param i32 i32)))
  (memory (export "memory") 64)
  (global $operation i32 (i32.const 4096))
  (global $payload i32 (i32.const 65536))

  (data (i32.const 0) "{\"accepted\":true}")
  (data (i32.const 256) "{\"accepted\":true,\"warnings\":[\"spec: odd [odd]\"]}")
  (data (i32.const 512) "{\"accepted\":false,\"message\":\"1 violation in it:\\nspec.a: shouts \\u001b[31m [shouting]\",\"code\":403}")
  (data (i32.const 1024) "{\"valid\":true}")
  (data (i32.const 1280) "{\"valid\":false,\"message\":\"a: wrong\\nb: worse\"}")

  (func $has (param $byte i32) (param $length i32) (result i32)
    (local $at i32)
    (block $absent
      (loop $next
        (br_if $absent (i32.ge_u (local.get $at) (local.get $length)))
        (if (i32.eq (i32.load8_u (i32.add (global.get $payload) (local.get $at))) (local.get $byte))
          (then (return (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "__guest_call") (param $operation_length i32) (param $length i32) (result i32)
    (call $request (global.get $operation) (global.get $payload))
    (if (i32.eq (local.get $operation_length) (i32.const 17)) ;; validate_settings
      (then
        (if (call $has (i32.const 33) (local.get $length))
          (then (call $response (i32.const 1280) (i32.const 46)))
          (else (call $response (i32.const 1024) (i32.const 14))))
        (return (i32.const 1))))
    (if (call $has (i32.const 37) (local.get $length)) (then unreachable))
    (if (call $has (i32.const 126) (local.get $length)) (then (loop $spin (br $spin))))
    (if (call $has (i32.const 33) (local.get $length))
      (then (call $response (i32.const 512) (i32.const 98)))
      (else
        (if (call $has (i32.const 63) (local.get $length))
          (then (call $response (i32.const 256) (i32.const 48)))
          (else (call $response (i32.const 0) (i32.const 17))))))
    (i32.const 1)))

;; The loop of the Gear hash. `node bin/assemble.js` puts it into gear-code.ts.
;; Memory: the 256 words of the table from 0 on, the hash of the bytes before at 1024, the bytes to look at from 2048 on.
(module
  (memory (export "memory") 1)

  ;; Byte for byte, `hash = 2 * hash + table[byte]`. Gives how many bytes it took until the bits of `mask` were zero; 0 where
  ;; they never were, and then the hash is kept.
  (func (export "find") (param $length i32) (param $mask i32) (result i32)
    (local $at i32) (local $fours i32) (local $hash i32) (local $next i32)
    (local.set $hash (i32.load offset=1024 (i32.const 0)))
    (local.set $fours (i32.and (local.get $length) (i32.const -4)))

    ;; Four at a time, up to those with the place in them.
    (block $near
      (loop $again
        (br_if $near (i32.ge_u (local.get $at) (local.get $fours)))
        (local.set $next (i32.add (i32.shl (local.get $hash) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u offset=2048 (local.get $at)) (i32.const 2)))))
        (br_if $near (i32.eqz (i32.and (local.get $next) (local.get $mask))))
        (local.set $next (i32.add (i32.shl (local.get $next) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u offset=2049 (local.get $at)) (i32.const 2)))))
        (br_if $near (i32.eqz (i32.and (local.get $next) (local.get $mask))))
        (local.set $next (i32.add (i32.shl (local.get $next) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u offset=2050 (local.get $at)) (i32.const 2)))))
        (br_if $near (i32.eqz (i32.and (local.get $next) (local.get $mask))))
        (local.set $next (i32.add (i32.shl (local.get $next) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u offset=2051 (local.get $at)) (i32.const 2)))))
        (br_if $near (i32.eqz (i32.and (local.get $next) (local.get $mask))))
        (local.set $hash (local.get $next))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $again)))

    ;; One at a time.
    (block $over
      (loop $again
        (br_if $over (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $hash (i32.add (i32.shl (local.get $hash) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u offset=2048 (local.get $at)) (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $again (i32.and (local.get $hash) (local.get $mask)))
        (return (local.get $at))))
    (i32.store offset=1024 (i32.const 0) (local.get $hash))
    (i32.const 0)))

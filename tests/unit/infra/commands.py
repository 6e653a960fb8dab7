"""The commands of `make` that call a stack, with the arguments that they need."""

from infra import admin, call, dlq, logs, migrate, recount, restore, rotate_key

OF_EVERY_STAGE = [
    (admin, ["--email", "a@example.com"]),
    (call, ["--function", "sweep"]),
    (dlq, []),
    (logs, []),
    (migrate, []),
    (recount, []),
    (restore, ["--at", "2026-01-01T00:00:00Z"]),
    (rotate_key, []),
]

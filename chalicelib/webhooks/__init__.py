"""Webhooks: who wants to hear of which events, and every delivery to him with its attempts.

Tables `webhook_subscriptions` (one partition, at most 100 items), `webhook_secrets` (the signing keys, which only the
api and the deliverer may read), `webhook_health` (what the last attempts of each came to), `webhook_deliveries` (key
`uuid`, kept 30 days; `due_at` while it is to be sent, `s_failing` while it fails). The way of an event: bus ->
queue `webhooks` -> `fan_out` -> a delivery for each subscription -> queue `deliveries` -> `sending`; the sweep finds
what lost its message. Events: `webhook.disabled`, to which `notices` listens.
"""

"""Webhooks: subscriptions to events, and a delivery for each event and subscription, with its attempts.

Tables `webhook_subscriptions` (one partition, at most 100 items), `webhook_secrets` (the signing keys, readable by the
functions api and deliver only), `webhook_health` (results of the last attempts), `webhook_deliveries` (key `uuid`, kept
30 days; `due_at` while pending, `s_failing` while failing). Path of an event: bus -> queue `webhooks` -> `fan_out` ->
deliveries -> queue `deliveries` -> `sending`; the sweep finds deliveries that have lost their message. Event:
`webhook.disabled`, with the listener `notices`.
"""

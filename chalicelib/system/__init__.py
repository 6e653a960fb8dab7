"""The system, for administrators: which deployment this is, what its circuits and queues do, its dead letters.

It owns no table. It reads the breakers (core/breaker.py), the queues and their dead letter queues
(core/dead_letters.py) and the settings, of which it shows what explains the behaviour of a deployment, and no secret.
"""

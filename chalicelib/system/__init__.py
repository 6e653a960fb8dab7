"""The system page of administrators: version, settings, circuit breakers, queues, dead letters.

Owns no table. It reads the breakers (core/breaker.py), the queues and their dead letter queues (core/dead_letters.py)
and the settings, without secrets.
"""

"""Common code of all packages: settings, AWS clients, DynamoDB (tables, transactions, counters, lists), HTTP, logs.

Every package imports it; it imports none of them. It names parts of the service in four places: the areas of paths
(areas.py), the circuits (circuits.py), the roles (actor.py), the queues (dead_letters.py).
"""

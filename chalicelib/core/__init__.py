"""What knows no domain: settings, AWS clients, DynamoDB (tables, transactions, counters, lists), HTTP, errors, logs.

Called by every package; calls none of them.
"""

"""Orders of users.

Table `orders`, key `uuid`; table `order_totals`: numbers and sums by user and status, updated by the same transactions.
Amounts are stored in kopecks. Events: `order.created`, `order.updated`, `order.status_changed`, `order.deleted`.
Deleting a user, and reading a user with orders, are here, because users imports nothing of orders. Called by reports.
"""

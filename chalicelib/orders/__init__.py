"""Orders: what users have ordered, and what becomes of it.

Table `orders`, key `uuid`; table `order_totals`, what the orders of a user amount to by status, kept by the same
writes. Amounts are kept in kopecks. Events: `order.created`, `order.updated`, `order.status_changed`, `order.deleted`.
Deleting a user, and a user with his orders, are here, since users know nothing of orders. Called by reports.
"""

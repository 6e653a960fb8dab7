"""Users: one directory for all areas, by UUID and by number; who they are (login, tokens) and what they may.

Table `users`, key `uuid`; the claims `users#number=…` and `users#email=…` (in lower case) find a user by those and keep
them unique. Events: `user.created`, `user.updated`, `user.deleted`; `user.invited` and `user.password_forgotten` have a
link sent (`links.send`). Number 1 is the built-in administrator, who has no record: he acts where no token is needed.
The account of an API key (`is_machine`) is made and ended by api_keys, and changed by nobody. Called by everything
above; whose token it is, is asked here by the edge (`tokens.account`). Deleting is a use case of orders, which knows
what goes with a user; `remove` seals the counter of his orders.
"""

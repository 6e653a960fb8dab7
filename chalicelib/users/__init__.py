"""Users: one directory for all doors, by UUID and by number.

Table `users`, key `uuid`; the claims `users#number=…` and `users#email=…` (in lower case) find a user by those and keep
them unique. Number 1 is the built-in administrator, who has no record: he acts where no token is needed. Called by
everything above; whose token it is, is asked here by the edge (`tokens.account`).
"""

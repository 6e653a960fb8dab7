"""Users: the directory of all API areas, login, tokens and passwords.

Table `users`, key `uuid`; the claims `users#number=…` and `users#email=…` (in lower case) make number and email unique
and find the user. Events: `user.created`, `user.updated`, `user.deleted`; `user.invited` and `user.password_forgotten`
are followed by an email with a link (`links.send`). Number 1 is the built-in administrator: the actor where no token is
needed, without a record. api_keys creates and retires the accounts of API keys (`is_machine`), which cannot be changed.
The HTTP edge reads the account of a token here (`tokens.account`). Deleting a user is a use case of orders, which
deletes the user's orders too; `remove` seals their counter.
"""

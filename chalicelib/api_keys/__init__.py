"""API keys: credentials of machines, each with its own roles.

Table `api_keys`, key `uuid`. Only a hash of a key is stored; the key itself is in the response that creates it. Each
key has an account in the directory (the same UUID, a number, no email, no password), which owns what is created with
the key. Revoking a key deletes the record and removes the roles of the account, which stays as the author. Events:
`api_key.created`, `api_key.revoked`. The HTTP edge checks a key here (`service.authenticate`).
"""

"""API keys: how machines call the API, each with roles of its own.

Table `api_keys`, key `uuid`. Of a key itself only a hash is kept: it is answered once, when it is made. Each key has an
account in the directory (the same UUID, a number, no e-mail and no password), so what it makes belongs to it as what a
user makes belongs to that one. Revoking deletes the record and takes the roles from the account, which stays as the
author of what was made. Events: `api_key.created`, `api_key.revoked`. Whose a key is, is asked here by the edge
(`service.authenticate`).
"""

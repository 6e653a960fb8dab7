"""The peer of `make bench-peers`: work centres, batches and products on FastAPI, SQLAlchemy and PostgreSQL.

Written for the benchmark, as a small project in that stack is usually written: asynchronous throughout, one uvicorn
worker, a pool of connections, an index for each order of the list, no N+1, no cache. It answers the requests that the
benchmark sends as Shopfloor does; what the benchmark does not send is left out.
"""

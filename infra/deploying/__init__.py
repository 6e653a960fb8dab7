"""Deploying: what `make deploy` and `make destroy` do. The commands are infra/deploy.py and infra/destroy.py.

`deployment` puts the steps in order; `stack` talks to CloudFormation; `changes` says what a change set does, and
refuses what would lose data; `index_steps` plans the changes of indexes; `parameters`, `artifacts`, `leftovers` and
`failures` are what their names say.
"""

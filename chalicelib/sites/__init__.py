"""Sites: where construction work goes on, and whose they are.

Table `sites`, key `uuid`; claim `sites#code=…` keeps the code unique. Events: `site.created`, `site.updated`,
`site.deleted`; defects listens to the second, since a customer sees the defects of his sites. Called by defects.
Whether a site has defects is known by the counter of the defect list (`defects_counter`): deleting seals it, so that no
defect can slip in afterwards.
"""

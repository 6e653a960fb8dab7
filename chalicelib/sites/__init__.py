"""Sites: construction sites and their customers.

Table `sites`, key `uuid`; the claim `sites#code=…` makes the code unique. Events: `site.created`, `site.updated`,
`site.deleted`; defects listens to `site.updated`, because a customer sees the defects of its sites. Called by defects.
The counter of the defect list (`defects_counter`) has the number of defects of a site: deleting a site seals it, so
that no defect can be added afterwards.
"""

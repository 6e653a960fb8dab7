"""The demo: a plant that makes fasteners, two weeks of it, and two building sites.

The demo is loaded through the API, by a child process of the launcher. `plant` computes the production of each shift
and `production` loads it; `people`, `orders`, `construction` (with `defects` and `pictures`), `work`, `reports`,
`exchange` and `hooks` load the rest. Each of them creates only what an earlier start has not created. Batches are
created by day: a start on a later day adds the days since.
"""

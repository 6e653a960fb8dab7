"""The demo: a plant that makes fasteners, two weeks of it, and two building sites.

Loaded through the API like anybody else's data, by a process of its own, since the launcher has the emulator to run.
`plant` says what was made in which shift, `production` loads it; `people`, `orders`, `construction` (with `defects` and
`pictures`), `work`, `reports`, `exchange` and `hooks` load the rest. Each looks for what an earlier start has made, and
makes what is missing. Batches are made a day at a time: a start on a later day adds the days since.
"""

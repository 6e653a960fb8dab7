"""The demo: two weeks of a plant that makes fasteners, and two building sites.

A process of its own loads the demo through the API. `plant` computes what each shift makes, `production` loads it;
`people`, `orders`, `construction` (with `defects` and `pictures`), `work`, `reports`, `exchange` and `hooks` load the
rest. Each module creates what earlier starts have not created. Batches are created by day: a start on a later day adds
the days since.
"""

"""Who calls whom, as far as queries are concerned: `callgraph` finds the `routes`, `passing` what calls pass on."""

"""From a chain of typed calls to the queries that it runs: `chains` reads the steps, the other rooms what each says."""

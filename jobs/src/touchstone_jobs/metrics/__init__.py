"""Metrics. Each module computes a family of metrics that share their work; `registry` finds the module of a type.

A module has `LIBRARIES`, the distributions that make the numbers; `scorer(metrics)`, a pure function of a `Row` that
gives a value per name: a float for a metric per row, for a corpus-level metric the row's sufficient statistics
(integers that are summed over rows); `signature(metric)`, its library, version and parameters; and, where it has a
corpus-level metric, `corpus(name, statistics)`, its value from the summed statistics. Importing a module is cheap;
`scorer` imports the library.
"""

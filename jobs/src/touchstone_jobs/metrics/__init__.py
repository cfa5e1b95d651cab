"""Metrics. Each module computes a family of metrics that share their work; `registry` finds the module of a name.

A module has NAMES            the metrics it computes LIBRARIES        distributions that make the numbers
scorer(names)    a pure function (prediction, reference) -> {name: value}: a float for a metric per row, for a corpus-
level metric the row's sufficient statistics (integers that are summed over rows) signature(name)  library, version
and parameters and, where it has a corpus-level metric, corpus(name, statistics)   its value from the summed
statistics. Importing a module is cheap; `scorer` imports the library.
"""

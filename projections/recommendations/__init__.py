"""Recommenders: one file a type, the models they are trained to, and how these are served.

A web worker imports all of this: ibis, duckdb and pyarrow are imported only where training runs.
"""

"""Training: reads the log, runs the recommenders' expressions, stores artefacts and the model.

What is in here is imported by processes that train, never by a web worker: it imports ibis.
"""

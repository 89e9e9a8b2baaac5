"""The routes: one blueprint a resource, each a translation between HTTP and a use case."""

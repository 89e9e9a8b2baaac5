"""Authoring: saving, publishing and serving definitions, and the compiled revisions of them."""
